/** The cause beside a mismatch, on the real stores: faults put into rows, and into the twin's answers. */

import { createServer } from 'node:http';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import { NO_API } from '../../src/api/load.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import type { Exchange, JsonValue, Representation, Verdict } from '../../src/types.ts';
import { type OpenVerifier, openVerifier } from '../../src/verifier/open.ts';
import type { VerdictBody } from '../../src/verifier/verdict-body.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { fetchRaw, type Listening, opened } from '../support/mirror-bench.ts';
import { verifierSettings } from '../support/verifier-settings.ts';

type Json = Record<string, unknown>;
type Tamper = (body: Json) => unknown;

describe('the cause of a mismatch', function () {
  this.slow(5_000);
  let system: Amanat;
  let sql: postgres.Sql;
  let tampering: Listening;
  let verifier: OpenVerifier;
  let tamper: Tamper | null = null;
  let payment: string;
  let other: string;
  let dispute: string;
  let user: string;
  let representation: Representation = 'twin';
  const told: string[] = [];

  before(async () => {
    system = await freshAmanat();
    sql = postgres(system.databaseUrl, { max: 2, onnotice: () => undefined });
    tampering = await opened(
      createServer((request, response) => {
        void fetch(new URL(request.url ?? '/', system.twin), {
          headers: new Headers(
            Object.entries(request.headers).filter(([name]) => name !== 'host') as [string, string][],
          ),
        }).then(async (answer) => {
          const text = await answer.text();
          const json = answer.headers.get('content-type')?.includes('json') ?? false;
          const body = tamper !== null && json ? JSON.stringify(tamper(JSON.parse(text))) : text;
          const kept = ['content-type', 'cache-control', 'content-disposition'].flatMap((name) => {
            const value = answer.headers.get(name);
            return value === null ? [] : [[name, value] as const];
          });
          response.writeHead(answer.status, Object.fromEntries(kept));
          response.end(body);
        });
      }),
    );
    verifier = await openVerifier(
      verifierSettings({
        primaryUrl: system.reference,
        twinUrl: tampering.url,
        api: { ...NO_API, module: new URL('../../src/amanat/index.ts', import.meta.url).href },
        migrationPgUrl: system.databaseUrl,
        mongodbUri: system.mongoUri,
        settle: { delaysMs: [5, 10], busyRounds: 5 },
      }),
    );
    const client = await new MongoClient(system.mongoUri).connect();
    const payments = await client
      .db()
      .collection('payments')
      .find({ currency: 'USD', metadata: { $exists: true } })
      .sort({ _id: 1 })
      .limit(2)
      .toArray();
    payment = String(payments[0]?._id);
    other = String(payments[1]?._id);
    user = String(payments[0]?.buyer);
    dispute = String((await client.db().collection('disputes').findOne({}))?._id);
    await client.close();
  });

  after(async () => {
    for (const line of told) console.log(`      ${line}`);
    await verifier?.close();
    await Promise.all([tampering?.close(), sql?.end(), system?.close()]);
  });

  let sequence = 0;
  const verify = async (
    pattern: string,
    target: string,
    representation: Representation,
    headers: readonly string[] = [],
  ): Promise<VerdictBody> => {
    const entry = amanatRoutes.find((route) => route.pattern === pattern);
    if (entry === undefined) throw new Error(`no route ${pattern}`);
    const { key, method, domain } = entry;
    const raw = await fetchRaw(system.reference, 'GET', target, headers);
    sequence += 1;
    const exchange: Exchange = {
      id: `cause-${sequence}`,
      route: { key, method, pattern, domain },
      served: 'primary',
      request: { method: 'GET', target, rawHeaders: ['Host', 'api.example', ...headers], body: null },
      answer: {
        status: raw.status,
        rawHeaders: raw.rawHeaders,
        body: Buffer.concat(raw.chunks),
        askedAt: Date.now(),
        headersMs: 1,
        totalMs: 1,
      },
      trace: {
        traceId: `${'0'.repeat(31)}1`,
        parentSpanId: null,
        spanId: '1'.repeat(16),
        twinSpanId: '2'.repeat(16),
        sampled: true,
      },
      overheadMs: 0,
    };
    const hooks = { requestEnded: () => undefined, readAgain: () => Promise.resolve(true) };
    const { body } = await verifier.verify({ exchange, representation, control: false }, hooks);
    return body;
  };

  const expectCause = async (
    what: string,
    pattern: string,
    target: string,
    cause: NonNullable<Verdict['cause']>['cause'],
    headers: readonly string[] = [],
  ): Promise<VerdictBody> => {
    // In turns: test/mutation tries every endpoint in both.
    representation = representation === 'primary' ? 'twin' : 'primary';
    const body = await verify(pattern, target, representation, headers);
    expect(body.kind, `${what}: ${target}: ${body.detail}`).to.equal('mismatch');
    const said = `${what}: ${target} (${representation}): ${JSON.stringify(body.cause).slice(0, 600)}`;
    expect(body.cause?.cause, said).to.equal(cause);
    told.push(`${what}, ${pattern}: ${cause}${body.cause?.note == null ? '' : ` (${body.cause.note})`}`);
    return body;
  };

  it('is none on stores that agree', async () => {
    for (const [pattern, target] of [
      ['/api/payments/:id', `/api/payments/${payment}`],
      ['/api/payments/stats', '/api/payments/stats'],
      ['/api/payments', '/api/payments?limit=50'],
    ] as const) {
      for (const representation of ['primary', 'twin'] as const) {
        const body = await verify(pattern, target, representation);
        expect(body.kind, JSON.stringify([target, representation, body.rechecks])).to.equal('match');
      }
    }
  });

  /** Breaks rows inside, asks, and repairs them again. */
  const broken = async (table: string, set: string, id: string, run: () => Promise<void>): Promise<void> => {
    const [before] = await sql`select * from ${sql(table)} where mongo_id = ${id}`;
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx.unsafe(`update ${table} set ${set} where mongo_id = $1`, [id]);
    });
    try {
      await run();
    } finally {
      await sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`delete from ${tx(table)} where mongo_id = ${id}`;
        await tx`insert into ${tx(table)} ${tx(before as Record<string, never>)}`;
      });
    }
  };

  it('is data_drift for an amount in the row, wherever it shows, with the field and without its value', async () => {
    await broken('payments', 'amount = amount + 0.01', payment, async () => {
      const body = await expectCause('an amount', '/api/payments/:id', `/api/payments/${payment}`, 'data_drift');
      const entity = body.cause?.entities.find((one) => one.state === 'drift');
      expect(entity).to.include({ collection: 'payments', mongoId: payment });
      expect(entity?.fields.map((field) => field.path)).to.deep.equal(['/amount']);
      await expectCause('an amount', '/api/payments', `/api/payments?buyer=${user}&limit=100`, 'data_drift');
      await expectCause('an amount', '/api/payments/stats', '/api/payments/stats', 'data_drift');
      await expectCause('an amount', '/api/payments/export.csv', '/api/payments/export.csv', 'data_drift');
    });
  });

  it('is found by a second look where a store fails once', async () => {
    await broken('payments', 'amount = amount + 0.01', payment, async () => {
      const locked = Promise.withResolvers<void>();
      const cancelled = Promise.withResolvers<void>();
      // Only the cause reads this table: its first statement waits, and is ended as a statement that takes too long is.
      const lock = sql.begin(async (tx) => {
        await tx`lock table pg_dualwrite_gaps in access exclusive mode`;
        locked.resolve();
        await cancelled.promise;
      });
      await locked.promise;
      const found = expectCause('a store that failed', '/api/payments/:id', `/api/payments/${payment}`, 'data_drift');
      for (let ended = 0; ended === 0; ) {
        const rows = await sql`
          select pg_cancel_backend(pid) from pg_stat_activity
          where application_name = 'shadowread-verifier' and wait_event_type = 'Lock'`;
        ended = rows.length;
      }
      cancelled.resolve();
      await lock;
      await found;
    });
  });

  it('is data_drift for a status, a reference, a text, an instant and a lost metadata key', async () => {
    const target = `/api/payments/${payment}`;
    const cases: readonly (readonly [what: string, set: string])[] = [
      ['a status', `status = case status when 'completed' then 'refunded' else 'completed' end`],
      ['a reference', 'seller_id = buyer_id'],
      ['a text', `reference = reference || ' '`],
      ['an instant', `created_at = created_at + interval '1 hour'`],
      ['a metadata key', `metadata = metadata - (select min(key) from jsonb_object_keys(metadata) as key)`],
    ];
    for (const [what, set] of cases) {
      await broken('payments', set, payment, async () => {
        await expectCause(what, '/api/payments/:id', target, 'data_drift');
      });
    }
    await broken('payments', `created_at = created_at + interval '1 year'`, payment, async () => {
      await expectCause(
        'an order',
        '/api/payments',
        `/api/payments?buyer=${user}&limit=100&sort=createdAt`,
        'data_drift',
      );
    });
    await broken(
      'payments',
      `status = case status when 'completed' then 'refunded' else 'completed' end`,
      payment,
      async () => {
        await expectCause(
          'a filter',
          '/api/payments',
          `/api/payments?buyer=${user}&status=completed&limit=100`,
          'data_drift',
        );
      },
    );
  });

  it('is missing_row for a row that is not there, and known_gap where the gap is known', async () => {
    const [row] = await sql`select * from disputes where mongo_id = ${dispute}`;
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from disputes where mongo_id = ${dispute}`;
    });
    await expectCause('a lost row', '/api/disputes/:id', `/api/disputes/${dispute}`, 'missing_row');
    await expectCause('a lost row', '/api/disputes', '/api/disputes?limit=100', 'missing_row');
    await expectCause('a lost row', '/api/disputes/stats', '/api/disputes/stats', 'missing_row');
    await sql`insert into pg_dualwrite_gaps (collection, mongo_id, operation, error) values ('disputes', ${dispute}, 'insert', 'test')`;
    await expectCause('a known gap', '/api/disputes/:id', `/api/disputes/${dispute}`, 'known_gap');
    await expectCause('a known gap', '/api/disputes/stats', '/api/disputes/stats', 'known_gap');
    await sql`delete from pg_dualwrite_gaps where mongo_id = ${dispute}`;
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`insert into disputes ${tx(row as Record<string, never>)}`;
    });
  });

  it('is twin_logic for an answer that the rows do not explain', async () => {
    const one = `/api/payments/${payment}`;
    const cases: readonly (readonly [what: string, pattern: string, target: string, tamper: Tamper])[] = [
      [
        'an amount',
        '/api/payments/:id',
        one,
        (body) => ({ ...body, amount: typeof body.amount === 'string' ? '1.23' : 1.23 }),
      ],
      ['a field lost', '/api/payments/:id', one, ({ reference: _lost, ...rest }) => rest],
      [
        'a total',
        '/api/payments',
        '/api/payments?limit=5',
        (body) => ({ ...body, pagination: { ...(body.pagination as Json), total: 1 } }),
      ],
      [
        'an item lost',
        '/api/payments',
        '/api/payments?limit=5',
        (body) => ({ ...body, data: (body.data as JsonValue[]).slice(1) }),
      ],
      [
        'an order',
        '/api/payments',
        '/api/payments?limit=5',
        (body) => ({ ...body, data: (body.data as JsonValue[]).toReversed() }),
      ],
      ['a wrong reference', '/api/payments/:id', one, (body) => ({ ...body, buyer: body.seller })],
    ];
    for (const [what, pattern, target, change] of cases) {
      tamper = change;
      try {
        await expectCause(`${what} in the answer`, pattern, target, 'twin_logic');
      } finally {
        tamper = null;
      }
    }
  });

  it('is never data where only another entity drifts, nor logic where the drift can be the reason', async () => {
    await broken('payments', 'amount = amount + 0.01', other, async () => {
      tamper = (body) => ({ ...body, reference: 'another one' });
      try {
        await expectCause(
          'logic beside drift elsewhere',
          '/api/payments/:id',
          `/api/payments/${payment}`,
          'twin_logic',
        );
      } finally {
        tamper = null;
      }
    });
  });
});
