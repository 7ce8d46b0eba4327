import { request as httpRequest } from 'node:http';
import { expect } from 'chai';
import { openJournal } from '../../src/journal/journal.ts';
import { freshJournal } from '../support/journal-database.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { mismatch } from '../support/verdicts.ts';

/** What `GET /api` says of one call. */
interface Listed {
  readonly method: string;
  readonly path: string;
  readonly params: Schema;
  readonly query: Schema;
  readonly body: Schema | null;
}
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}
interface Answer {
  readonly status: number;
  readonly text: string;
}

const LONG = 'x'.repeat(3_000);
/** In the path and the query everything is text, percent-encoded as it stands here. */
const IN_TEXT: readonly (readonly [name: string, encoded: string, certainly: boolean])[] = [
  ['NUL', '%00', true],
  ['NUL within', 'a%00b', true],
  ['a control character', '%1b%5b31m', true],
  ['a line break', 'a%0d%0ab', true],
  ['3,000 characters', LONG, true],
  ['a lone surrogate', '%ED%A0%80', false],
  ['half of a percent sign', '%E0%A4%A', false],
  ['a far date', '275760-09-13', false],
  ['a far instant', '8640000000000001', false],
  ['an endless number', '1e999', false],
  ['a negative number', '-1', false],
  ['a fraction', '1.5', false],
  ['hex', '0x10', false],
  ['nothing but a blank', '%20', false],
  ['NaN', 'NaN', false],
  ['a name of Object', '__proto__', false],
  ['another name of Object', 'constructor', false],
  ['SQL', "'%3Bselect%201--", false],
  ['emoji', '%F0%9F%92%A5', false],
];
/** In a body; as JSON text, since JSON.stringify would repair some. */
const IN_BODY: readonly (readonly [name: string, json: string])[] = [
  ['NUL', '"a\\u0000b"'],
  ['a control character', '"\\u001b[31m"'],
  ['a lone surrogate', '"\\ud800"'],
  ['a far date', '"+275760-09-13T00:00:00Z"'],
  ['a far instant', '8640000000000001'],
  ['an endless number', '1e999'],
  ['a negative number', '-1'],
  ['null', 'null'],
  ['an array', '[1]'],
  ['an array of itself', '[[[[]]]]'],
  ['an object', '{"toString":1}'],
  ['an object with a prototype', '{"__proto__":{"x":1}}'],
  ['a true thing of another type', '"true"'],
  ['30,000 characters', `"${'x'.repeat(30_000)}"`],
];

const REVEAL = 'a-token-that-opens-answers-for-the-tests';

describe('the admin API, given hostile input', () => {
  let proxy: ProxyProcess;
  let listed: readonly Listed[];

  before(async () => {
    const url = await freshJournal();
    const journal = openJournal({ url, instance: 'seed', limits: { journalBuffer: 10 }, log: () => undefined });
    journal.record(mismatch());
    expect(await journal.close(120_000)).to.equal(true);
    proxy = await startProxyProcess({
      SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
      SHADOWREAD_JOURNAL_URL: url,
      // Who may not open answers is refused before anything else is read.
      SHADOWREAD_REVEAL_TOKEN: REVEAL,
    });
    listed = (await proxy.get<{ endpoints: Listed[] }>('/api')).endpoints;
  });
  after(() => proxy?.stop());

  /** By node:http: fetch would change what it takes for a mistake. */
  const send = (method: string, path: string, body?: string): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = {
      authorization: `Bearer ${REVEAL}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const { hostname, port } = new URL(proxy.admin);
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          resolve({ status: response.statusCode ?? 0, text });
          request.destroy();
        }
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(body);
    return promise;
  };

  const refusedCleanly = ({ status, text }: Answer, what: string, exactly?: 400): void => {
    expect(status, `${what}: ${text.slice(0, 300)}`).to.be.below(500);
    if (exactly !== undefined) expect(status, `${what}: ${text.slice(0, 300)}`).to.equal(exactly);
    if (status < 400) return;
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    expect(error.code, what).to.match(/^SHADOW_/);
    expect(error.message.length, what).to.be.within(10, 2_000);
  };
  const at = ({ path, params }: Listed, name?: string, value = ''): string =>
    Object.keys(params.properties ?? {}).reduce(
      (text, key) => text.replace(`:${key}`, key === name ? value : key === 'domain' ? 'payments' : '0abc'),
      path,
    );

  it('lists every call with what may be given', () => {
    const calls = listed.map(({ method, path }) => `${method} ${path}`);
    for (const call of [
      'GET /api/status',
      'GET /api/routes',
      'GET /api/overview',
      'GET /api/series',
      'GET /api/mismatches',
      'GET /api/mismatches/:id',
      'POST /api/mismatches/:id/recheck',
      'POST /api/faults/:id/repair',
      'POST /api/faults/:id/recheck',
      'GET /api/fingerprints',
      'PATCH /api/fingerprints/:id',
      'GET /api/gates',
      'GET /api/gates/:domain',
      'POST /api/gates/:domain/decide',
      'GET /api/gates/:domain/decisions',
      'GET /api/control',
      'PATCH /api/control',
      'GET /api/audit',
      'GET /api/events',
    ])
      expect(calls).to.include(call);
  });

  it('refuses each hostile value of each path parameter with 400 or 404', async () => {
    for (const call of listed)
      for (const name of Object.keys(call.params.properties ?? {}))
        for (const [what, value, certainly] of IN_TEXT) {
          const answer = await send(call.method, at(call, name, value), call.method === 'GET' ? undefined : '{}');
          refusedCleanly(answer, `${call.method} ${call.path} with ${what} as ${name}`, certainly ? 400 : undefined);
        }
  });

  it('refuses each hostile value of each query parameter with 400, and none fails', async () => {
    for (const call of listed)
      for (const name of Object.keys(call.query.properties ?? {})) {
        for (const [what, value, certainly] of IN_TEXT)
          refusedCleanly(
            await send(call.method, `${at(call)}?${name}=${value}`),
            `${call.method} ${call.path} with ${what} as ${name}`,
            certainly ? 400 : undefined,
          );
        for (const query of [`${name}=1&${name}=2`, `${name}[]=1`, `${name}[toString]=1`, `${name}%00=1`])
          refusedCleanly(await send(call.method, `${at(call)}?${query}`), `${call.path}?${query}`, 400);
      }
  });

  it('repairs nothing where repair.enabled is not set, and says so before it looks for the fault', async () => {
    for (const body of ['{}', '{"dryRun":true}', '{"dryRun":false,"delete":true,"reason":"because"}']) {
      const answer = await send('POST', '/api/faults/0abc/repair', body);
      expect(answer.status).to.equal(409);
      expect(answer.text).to.include('SHADOW_REFUSED').and.include('repair.enabled');
    }
    expect((await send('POST', '/api/faults/0abc/recheck', '{}')).status).to.equal(404);
  });

  it('refuses a query parameter that a call does not have: a filter that is misspelt must not show all', async () => {
    for (const call of listed)
      for (const query of ['domian=payments', '__proto__=1', 'constructor=1', 'toString=1'])
        refusedCleanly(
          await send(call.method, `${at(call)}?${query}`, call.method === 'GET' ? undefined : '{}'),
          `${call.method} ${call.path}?${query}`,
          400,
        );
  });

  it('refuses each hostile value of each part of each body with 400', async () => {
    for (const call of listed) {
      if (call.body === null) continue;
      for (const [what, json] of IN_BODY) {
        const named = `${call.method} ${call.path} with ${what} as`;
        if (json !== 'null') refusedCleanly(await send(call.method, at(call), json), `${named} body`, 400);
        refusedCleanly(await send(call.method, at(call), `{"unheard of":${json}}`), `${named} something else`, 400);
        for (const path of pathsOf(call.body))
          refusedCleanly(
            await send(
              call.method,
              at(call),
              path.replace('?', () => json),
            ),
            `${named} ${path}`,
            mayBe(path, what) ? undefined : 400,
          );
      }
      for (const body of [
        '{',
        'null',
        '"x"',
        '1',
        '[',
        '{"__proto__":{"shadowing":false}}',
        '\ufeff\u0000',
        '[['.repeat(20_000),
      ])
        refusedCleanly(
          await send(call.method, at(call), body),
          `${call.method} ${call.path} with ${body.slice(0, 20)}`,
          400,
        );
      const large = await send(call.method, at(call), `{"a":"${'x'.repeat(100_000)}"}`);
      expect(large.status, call.path).to.equal(413);
    }
  });

  it('keeps the same for signing in, where no token was shown yet', async () => {
    for (const [what, json] of IN_BODY) {
      refusedCleanly(await send('POST', '/api/session', json), `signing in with ${what}`, 400);
      const { status, text } = await send('POST', '/api/session', `{"token":${json}}`);
      // Without tokens set, any word may be one.
      if (!WORDS.includes(what)) refusedCleanly({ status, text }, `a token of ${what}`, 400);
    }
  });

  it('says which part is wrong and what it should be', async () => {
    for (const [path, said] of [
      ['/api/mismatches?limit=0', 'limit: expected a whole number from 1 to 1000'],
      ['/api/mismatches?before=yesterday', 'before: expected the id of a mismatch'],
      ['/api/mismatches?cause=none', 'cause: expected one of known_gap'],
      ['/api/series?from=2026-02-01&to=2026-01-01', 'expected `to` after `from`'],
      ['/api/series?from=10000-01-01', 'from: expected epoch milliseconds or an ISO date'],
      ['/api/overview?hours=0', 'hours: expected a number of hours'],
      ['/api/fingerprints?state=gone', 'state: expected open, acknowledged or fixed'],
    ] as const) {
      const { status, text } = await send('GET', path);
      expect(status, path).to.equal(400);
      expect(text).to.contain(said);
    }
  });
});

/** Bodies with one part left open as `?`, from a JSON schema: each field, and each field of what is keyed by name. */
function pathsOf(schema: Schema): string[] {
  const found: string[] = [];
  for (const choice of [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
    for (const [name, inner] of Object.entries(choice.properties ?? {})) {
      found.push(`{"${name}":?}`);
      if (typeof inner.additionalProperties !== 'object') continue;
      for (const key of name === 'routes'
        ? ['GET /api/levels', 'none', '__proto__', 'constructor']
        : ['payments', '__proto__'])
        found.push(`{"${name}":{"${key}":?}}`);
      for (const part of Object.keys(inner.additionalProperties.properties ?? {}))
        found.push(`{"${name}":{"${name === 'routes' ? 'GET /api/levels' : 'payments'}":{"${part}":?}}}`);
    }
  return found;
}

/** Hostile as something else, and fine as free text. */
const WORDS = ['a true thing of another type', 'a far date'];
const mayBe = (path: string, what: string): boolean => path === '{"reason":?}' && WORDS.includes(what);
