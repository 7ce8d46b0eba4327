import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type Collection, type Document, MongoClient } from 'mongodb';
import postgres from 'postgres';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { type DemoRequest, REQUESTS } from '../../src/amanat/demo/requests.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { freshJournal } from '../support/journal-database.ts';
import { type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.ts';
import { until } from '../support/until.ts';

/** In every planted text; nothing else in the project says it. */
const CANARY = 'zqx7canary';
/** Telephone numbers have no letters. */
const PHONE = '+4915557771234';
const NEEDLES = [CANARY, PHONE, PHONE.slice(1), Buffer.from(CANARY).toString('hex')];
/** Base64 of the word at each of its three offsets, without the characters that neighbours change. */
const BASE64 = [0, 1, 2].map((shift) =>
  Buffer.from(`${'.'.repeat(shift)}${CANARY}`)
    .toString('base64')
    .replace(/=+$/, '')
    .slice(shift === 0 ? 0 : 4, -2),
);
const PERSONAL =
  /^(name|email|phone|bio|avatar|title|description|text|label|xpub|address|line\d|street|city|region|postalCode|recipient|firstName|username|reason|body|html|comment|content|url|note|message|excerpt|reference|txHash|resolution)$/;
const BLOBS = ['metadata', 'preferences', 'settings'];
const DOCUMENTS = 40;
/** Reads of each route. */
const EACH = [0, 1];
const BIN = fileURLToPath(new URL('../../bin/shadowread.js', import.meta.url));

describe('canaries planted in every field, header, cookie and query', () => {
  let amanat: Amanat;
  let collector: OtlpCollector;
  let folder: string;
  let journalUrl: string;
  let requests: readonly DemoRequest[];
  let withBio = '';
  let planted = 0;

  before(async () => {
    [amanat, journalUrl, collector, folder] = await Promise.all([
      freshAmanat(),
      freshJournal(),
      startOtlpCollector(),
      mkdtemp(join(tmpdir(), 'shadowread-canary-')),
    ]);
    const mongo = await MongoClient.connect(amanat.mongoUri);
    const catalogue = await readCatalogue(mongo.db(), 15);
    for (const { name } of await mongo.db().listCollections().toArray())
      planted += await plant(mongo.db().collection(name));
    withBio = String(
      (
        await mongo
          .db()
          .collection('users')
          .findOne({ bio: new RegExp(CANARY) })
      )?._id,
    );
    await mongo.close();
    const random = seeded(3);
    requests = Object.values(REQUESTS).flatMap((make) => EACH.map(() => make(random, catalogue)));
  });
  after(async () => {
    await collector?.close();
    await amanat?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('planted them', () => expect(planted).to.be.greaterThan(300));

  it('appear in no sink: journal, metrics, admin API with all that the dashboard asks for, log, traces; nor in an exception that quotes a body, which the process survives', async () => {
    const crash = join(folder, 'crash.mjs');
    await writeFile(
      crash,
      `import { isMainThread } from 'node:worker_threads';
       if (isMainThread) process.on('SIGWINCH', () => JSON.parse('{"bio": ${CANARY}, "email": "${CANARY}@mail.example"}'));`,
    );
    const service = await start('plain', '', journalUrl, { NODE_OPTIONS: `--import=${pathToFileURL(crash)}` });
    const sinks: [string, string][] = [];
    try {
      for (const [at, { target, caller }] of requests.entries()) {
        const query = at % 3 === 0 ? `${target.includes('?') ? '&' : '?'}token=${CANARY}&q=${CANARY}+words` : '';
        await read(`${service.proxy}${target}${query}`, caller === undefined ? undefined : `Bearer ${caller}`);
        // What is shed on a busy machine is compared with nothing.
        if (at % 8 === 7) await service.quiet();
      }
      for (const target of [
        `/api/users/${CANARY}`,
        `/api/blog/${CANARY}?${CANARY}=${CANARY}`,
        `/api/verifications/${CANARY}@mail.example`,
        `/api/users?q=${CANARY}&page=${CANARY}`,
        `/api/ledger/entries?after=${CANARY}&account=${encodeURIComponent(PHONE)}`,
        `/${CANARY}/unknown?${CANARY}`,
      ])
        await read(`${service.proxy}${target}`, `Bearer ${CANARY}`);
      await service.quiet();
      expect(
        (await service.get<{ verdicts: Record<string, number> }>('/api/status')).verdicts.mismatch,
      ).to.be.greaterThan(20);

      sinks.push(['/metrics', await service.text('/metrics')], ...(await answersOf(service)));
      sinks.push(...(await tablesOf(journalUrl)));
      service.crash();
      await until(() => service.log.join('\n').includes('SyntaxError'), 20);
      expect(await service.text('/healthz')).to.not.equal('');
    } finally {
      await service.stop();
    }
    sinks.push(['log', service.log.join('\n')], ...collector.bodies.map((body): [string, string] => ['OTLP', body]));
    expect(collector.bodies.length).to.be.greaterThan(0);
    const found = sinks.flatMap(([sink, text]) => leaks(text).map((leak) => `${sink}: ${leak}`));
    expect(found.slice(0, 20)).to.deep.equal([]);
  });

  it('appear at the paths that the config lists, and nowhere else', async () => {
    const service = await start('shown', 'redaction: { showPaths: [/bio] }\n', await freshJournal());
    try {
      let found: string | undefined;
      // What is shed on a busy machine is compared with nothing.
      await until(async () => {
        await read(`${service.proxy}/api/users/${withBio}`);
        await service.quiet();
        found = (await service.get<{ mismatches: { id: string }[] }>('/api/mismatches')).mismatches[0]?.id;
        return found !== undefined;
      });
      const text = await service.text(`/api/mismatches/${found}`);
      expect(text).to.contain(CANARY);
      const { verdict } = JSON.parse(text) as { verdict: { differences: { path: string; primary: object }[] } };
      for (const { path, primary } of verdict.differences) expect('value' in primary, path).to.equal(path === '/bio');
    } finally {
      await service.stop();
    }
  });

  interface Service {
    readonly proxy: string;
    readonly admin: string;
    readonly log: string[];
    text(path: string): Promise<string>;
    get<T>(path: string): Promise<T>;
    quiet(): Promise<void>;
    stop(): Promise<void>;
    /** Makes it throw what the preloaded module throws, where nobody catches. */
    crash(): void;
  }

  /** Its own child, since all that it ever says is looked at. */
  async function start(
    name: string,
    config: string,
    journal = journalUrl,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Service> {
    const file = join(folder, `${name}.yaml`);
    await writeFile(
      file,
      `routes: { table: amanat }\nsettle: { delaysMs: [10] }\nshadow: { control: 0.3 }\njournal: { flushMs: 50 }\ntwin: { timeoutMs: 60000, connectTimeoutMs: 60000 }\nlimits: { waitMs: 60000 }\ntelemetry: { matchRatio: 1 }\n${config}`,
    );
    const child: ChildProcess = spawn(
      process.execPath,
      [BIN, 'proxy', '--config', file, '--json', '--until-stdin-ends'],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...process.env,
          SHADOWREAD_PORT: '0',
          SHADOWREAD_ADMIN_PORT: '0',
          SHADOWREAD_PRIMARY_URL: amanat.reference,
          SHADOWREAD_TWIN_URL: amanat.twin,
          SHADOWREAD_JOURNAL_URL: journal,
          MIGRATION_PG_URL: amanat.databaseUrl,
          MONGODB_URI: amanat.mongoUri,
          SHADOWREAD_EVIDENCE_KEY: 'c3'.repeat(32),
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
          OTEL_BSP_SCHEDULE_DELAY: '1000',
          OTEL_METRIC_EXPORT_INTERVAL: '5000',
          OTEL_METRIC_EXPORT_TIMEOUT: '4000',
          ...environment,
        },
      },
    );
    const log: string[] = [];
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    if (child.stdout === null || child.stderr === null) throw new Error('the child has no output');
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    const ready = await new Promise<{ proxy: string; admin: string }>((resolve, reject) => {
      if (child.stdout !== null)
        createInterface({ input: child.stdout }).once('line', (line) =>
          resolve(JSON.parse(line) as { proxy: string; admin: string }),
        );
      child.once('exit', () => reject(new Error(log.join('\n'))));
    });
    const text = async (path: string): Promise<string> => (await fetch(`${ready.admin}${path}`)).text();
    const get = async <T>(path: string): Promise<T> => JSON.parse(await text(path)) as T;
    // The first reads would be shed while the worker still loads.
    await until(async () => (await get<{ verifier: string }>('/api/status')).verifier === 'running', 50);
    return {
      ...ready,
      log,
      text,
      get,
      async quiet() {
        for (;;) {
          const now = await get<{ inFlight: number; journal: { lagSeconds: number } }>('/api/status');
          if (now.inFlight === 0 && now.journal.lagSeconds === 0) return;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
      async stop() {
        child.kill('SIGTERM');
        await ended;
      },
      crash() {
        child.kill('SIGWINCH');
      },
    };
  }

  async function answersOf(service: Service): Promise<[string, string][]> {
    const paths = [
      'status',
      'routes',
      'overview',
      'series',
      'fingerprints?limit=1000',
      'gates',
      'control',
      'mismatches?limit=1000',
      'faults?limit=1000',
      'cutover',
      'audit',
      'unknown',
    ];
    const { domains } = await service.get<{ domains: Record<string, unknown> }>('/api/status');
    for (const domain of Object.keys(domains)) {
      await fetch(`${service.admin}/api/gates/${domain}/decide`, { method: 'POST' });
      paths.push(`domains/${domain}`, `gates/${domain}`, `gates/${domain}/decisions`);
    }
    const { mismatches } = await service.get<{ mismatches: { id: string }[] }>('/api/mismatches?limit=1000');
    const { faults } = await service.get<{ faults: { id: string }[] }>('/api/faults?limit=1000');
    expect(faults).to.not.deep.equal([]);
    paths.push(...mismatches.map(({ id }) => `mismatches/${id}`), ...faults.map(({ id }) => `faults/${id}`));
    const again = await fetch(`${service.admin}/api/mismatches/${mismatches[0]?.id}/recheck`, { method: 'POST' });
    const sinks: [string, string][] = [['recheck', await again.text()]];
    for (const path of paths) sinks.push([path, await service.text(`/api/${path}`)]);
    return sinks;
  }
});

async function read(url: string, authorization?: string): Promise<void> {
  const init = {
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      cookie: `session=${CANARY}; ${CANARY}=1`,
      'user-agent': `${CANARY}/1.0`,
      'x-api-key': CANARY,
      [`x-${CANARY}`]: PHONE,
      'x-forwarded-for': CANARY,
      referer: `http://${CANARY}.example/`,
      tracestate: `vendor=${CANARY}`,
      baggage: `user=${CANARY}`,
    },
  };
  // A kept connection that was closed while this process stood still is no answer.
  const answer = await fetch(url, init).catch(() => fetch(url, init));
  await answer.text();
}

/** Personal texts of the first documents, and a key of their own with a value in each blob; Postgres keeps the true ones. */
async function plant(collection: Collection): Promise<number> {
  let planted = 0;
  for (const document of await collection.find().sort({ _id: 1 }).limit(DOCUMENTS).toArray()) {
    const set: Record<string, unknown> = {};
    visit(document, '', set, () => {
      planted += 1;
      return `${CANARY}${planted}`;
    });
    for (const blob of BLOBS) {
      const held: unknown = document[blob];
      if (typeof held === 'object' && held !== null) set[`${blob}.${CANARY}key`] = { [`${CANARY}inner`]: CANARY };
    }
    if (Object.keys(set).length > 0) await collection.updateOne({ _id: document._id }, { $set: set });
  }
  return planted;
}

function visit(value: Document, path: string, set: Record<string, unknown>, next: () => string): void {
  for (const [key, child] of Object.entries(value) as [string, unknown][]) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof child === 'string' && PERSONAL.test(key))
      set[at] =
        key === 'phone'
          ? PHONE
          : key === 'email'
            ? `${next()}@mail.example`
            : `${key === 'xpub' ? 'xpub6' : ''}${next()} ${child}`;
    else if (Array.isArray(child)) {
      for (const [position, one] of child.entries())
        if (isPlain(one) && position < 5) visit(one, `${at}.${position}`, set, next);
    } else if (isPlain(child)) visit(child, at, set, next);
  }
}

const isPlain = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Every table of the journal, row by row as Postgres prints them. */
async function tablesOf(url: string): Promise<[string, string][]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'shadowread'`;
    expect(tables.length).to.be.greaterThan(15);
    const dumped: [string, string][] = [];
    for (const { name } of tables) {
      const rows = await sql<{ row: string }[]>`select t::text as row from shadowread.${sql(name)} t`;
      dumped.push([`journal ${name}`, rows.map(({ row }) => row).join('\n')]);
    }
    return dumped;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Where a needle lies, with what is around it. */
function leaks(text: string): string[] {
  const lower = text.toLowerCase();
  return [
    ...NEEDLES.filter((needle) => lower.includes(needle)).map((needle) => {
      const at = lower.indexOf(needle);
      return text.slice(Math.max(0, at - 120), at + 60);
    }),
    ...BASE64.filter((needle) => text.includes(needle)),
  ];
}
