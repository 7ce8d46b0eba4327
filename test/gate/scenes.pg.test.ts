/**
 * What the gate says of whole scenes: a running proxy, its journal, and two sides that answer as the scene says. All
 * scenes share one of each; every scene is a domain of its own.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import type { RouteFigures } from '../../src/admin/plane.ts';
import type { Decision } from '../../src/gate/decision.ts';
import { freshJournal } from '../support/journal-database.ts';
import { type Listening, opened } from '../support/mirror-bench.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';

/** Status, body as JSON, fields. */
type Said = readonly [status: number, body?: unknown, fields?: Readonly<Record<string, string>>];

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly fields: IncomingMessage['headers'];
}

type Answers = (asked: Asked) => Said;

interface Read {
  readonly target: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Scene {
  readonly title: string;
  /** Below `/<domain>`. */
  readonly routes: readonly string[];
  readonly primary: Answers;
  readonly twin?: Answers;
  readonly reads: readonly Read[];
  readonly outcome: Decision['outcome'];
  /** What is missing, joined by lines. */
  readonly missing?: RegExp;
  readonly not?: RegExp;
  readonly verdicts?: Readonly<Record<string, number>>;
}

const N = 120;
const times = (read: (n: number) => Read, from = 0): Read[] => Array.from({ length: N }, (_, n) => read(from + n));
const get = (target: string, headers: Read['headers'] = {}): Read => ({ target, headers });
const one = '{ pattern: /:id, rules: strict }';
const good: Answers = ({ path }) => [200, { id: path }];
const always =
  (...said: Said): Answers =>
  () =>
    said;

const SCENES: Readonly<Record<string, Scene>> = {
  fine: {
    title: 'different questions with different answers',
    routes: [one],
    primary: good,
    reads: times((n) => get(`/${n}`)),
    outcome: 'pass',
  },
  unauthorized: {
    title: 'nothing but 401 on both sides',
    routes: [one],
    primary: ({ path }) => [401, { error: path }],
    reads: times((n) => get(`/${n}`)),
    outcome: 'undecided',
    missing: /nothing but 401 was compared/,
  },
  refusals: {
    title: 'nothing but 403 and 404',
    routes: [one],
    primary: ({ path }) => [path.length % 2 === 0 ? 403 : 404, { error: path }],
    reads: times((n) => get(`/${n}`)),
    outcome: 'undecided',
    missing: /nothing but 403 and 404 was compared/,
  },
  broken: {
    title: '500 on both sides',
    routes: [one],
    primary: always(500, { error: 'x' }),
    reads: times((n) => get(`/${n}`)),
    outcome: 'undecided',
    not: /nothing but 500/,
    verdicts: { 'skipped:primary_error': N },
  },
  mixed: {
    title: 'one route that is good, another with nothing but errors',
    routes: [one, '{ pattern: /more/:id, rules: strict }'],
    primary: (asked) => (asked.path.startsWith('/more') ? [404, { error: 'no' }] : good(asked)),
    reads: [...times((n) => get(`/${n}`)), ...times((n) => get(`/more/${n}`))],
    outcome: 'undecided',
    missing: /GET \/mixed\/more\/:id: nothing but 404 was compared/,
  },
  busted: {
    title: 'one question with a cache buster',
    routes: ['{ pattern: /list, rules: strict, query: { _: ignored } }'],
    primary: always(200, { items: [] }),
    reads: times((n) => get(`/list?_=${n}`)),
    outcome: 'undecided',
    missing: /99 more comparisons/,
  },
  undeclared: {
    title: 'a parameter that no route declares',
    routes: [one],
    primary: good,
    reads: times((n) => get(`/${n}?_=${n}`)),
    outcome: 'undecided',
    missing: /a declaration of the query parameter _ on GET \/undeclared\/:id/,
  },
  anything: {
    title: 'parameters of any name that a route ignores',
    routes: ["{ pattern: /:id, rules: strict, query: { '*': ignored } }"],
    primary: good,
    reads: times((n) => get(`/${n}?utm_source=x&t0k3n${n}f00d=1`)),
    outcome: 'pass',
  },
  alone: {
    title: 'pages that depend on who asks, asked for by one caller alone',
    routes: ['{ pattern: /mine, perCaller: true, rules: strict, query: { page: text } }'],
    primary: ({ query }) => [200, { page: query.get('page') }],
    reads: times((n) => ({ target: `/mine?page=${n}`, headers: { authorization: 'Bearer one' } })),
    outcome: 'undecided',
    missing:
      /1 more caller on GET \/alone\/mine \(its answers depend on who asks: 1 caller so far; .*gate\.minimumCallers/,
  },
  strangers: {
    title: 'pages that depend on who asks, where all callers but one are refused',
    routes: ['{ pattern: /mine, perCaller: true, rules: strict, query: { page: text } }'],
    primary: ({ query, fields }) =>
      fields.authorization === 'Bearer 1' ? [200, { page: query.get('page') }] : [401, { error: 'who' }],
    reads: [
      ...times((n) => ({ target: `/mine?page=${n}`, headers: { authorization: 'Bearer 1' } })),
      ...times((n) => ({ target: '/mine', headers: { authorization: `Bearer 1${n}` } })),
    ],
    outcome: 'undecided',
    missing: /1 more caller on GET \/strangers\/mine/,
  },
  pair: {
    title: 'pages that depend on who asks, asked for by two callers',
    routes: ['{ pattern: /mine, perCaller: true, rules: strict, query: { page: text } }'],
    primary: ({ query, fields }) => [200, { page: query.get('page'), of: fields.authorization ?? null }],
    reads: times((n) => ({ target: `/mine?page=${n}`, headers: { authorization: `Bearer ${n % 2}` } })),
    outcome: 'pass',
  },
  gateway: {
    title: 'one path that depends on who asks, whom a field of the gateway tells',
    routes: ['{ pattern: /me, perCaller: true, rules: strict }'],
    primary: ({ fields }) => [200, { me: fields['x-gateway-user'] ?? null }],
    reads: times((n) => ({ target: '/me', headers: { 'x-gateway-user': `user ${n}` } })),
    outcome: 'pass',
  },
  searches: {
    title: 'searches by POST with one answer',
    routes: ['{ method: POST, pattern: /search, rules: strict }'],
    primary: always(200, { items: [] }),
    reads: times((n) => ({ target: '/search', method: 'POST', body: JSON.stringify({ q: n }) })),
    outcome: 'undecided',
    missing: /120 different questions, 1 different answer so far; if it has no other answers, write `fewAnswers: 1`/,
  },
  findsNothing: {
    title: 'searches that find nothing, each of which repeats its question',
    routes: ['{ pattern: /search, rules: strict, query: { q: text } }'],
    primary: ({ query }) => [
      200,
      { data: [], meta: { total: 0, q: query.get('q') }, links: { self: `/findsNothing/search?q=${query.get('q')}` } },
      { Link: `</findsNothing/search?q=${query.get('q')}>; rel="self"` },
    ],
    reads: times((n) => get(`/search?q=word${n}`)),
    outcome: 'undecided',
    missing: /120 different questions, 1 different answer/,
  },
  emptyChildren: {
    title: 'children of many entities, none of which has one',
    routes: ['{ pattern: /:id/items, rules: strict }'],
    primary: ({ path }) => [200, { parent: path.split('/')[1], items: [], _links: { self: { href: path } } }],
    reads: times((n) => get(`/p${n}/items`)),
    outcome: 'undecided',
    missing: /120 different questions, 1 different answer/,
  },
  bareEntities: {
    title: 'different entities, none of which has a child',
    routes: [one],
    primary: ({ path }) => [200, { id: path.slice(1), state: 'open', tags: [] }],
    reads: times((n) => get(`/${n}`)),
    outcome: 'pass',
  },
  heads: {
    title: 'nothing but HEAD, which shows no content',
    routes: ['{ pattern: /:id, rules: { body: strict, headers: [x-total-count] } }'],
    primary: ({ path }) => [200, { id: path }, { 'X-Total-Count': path.slice(1) }],
    reads: times((n) => ({ target: `/${n}`, method: 'HEAD' })),
    outcome: 'undecided',
    missing: /120 different questions, 1 different answer/,
  },
  signIn: {
    title: 'redirects to a login page that leads back',
    routes: [one],
    primary: ({ path }) => [302, undefined, { Location: `/login?next=${encodeURIComponent(`/signIn${path}`)}` }],
    reads: times((n) => get(`/${n}`)),
    outcome: 'undecided',
    missing: /120 different questions, 1 different answer/,
  },
  spelling: {
    title: 'redirects to another spelling of the same address',
    routes: [one],
    primary: ({ path }) => [301, undefined, { Location: `/spelling${path}/` }],
    reads: times((n) => get(`/${n}`)),
    outcome: 'undecided',
    missing: /120 different questions, 1 different answer/,
  },
  cached: {
    title: 'every second read is a 304 by its ETag',
    routes: [one],
    primary: (asked) => (asked.fields['if-none-match'] === '"a"' ? [304, undefined, { ETag: '"a"' }] : good(asked)),
    reads: times((n) => get(`/${n}`)).flatMap((read) => [read, { ...read, headers: { 'If-None-Match': '"a"' } }]),
    outcome: 'pass',
  },
  conditional: {
    title: 'conditions that fail, and ranges that cannot be had',
    routes: [one],
    primary: (asked) =>
      asked.fields['if-match'] !== undefined
        ? [412, { error: 'x' }]
        : asked.fields.range === undefined
          ? good(asked)
          : [416, { error: 'x' }],
    reads: [
      ...times((n) => get(`/${n}`)),
      get('/1', { 'If-Match': '"b"' }),
      get('/2', { 'If-Match': '"b"' }),
      get('/3', { Range: 'bytes=900000-' }),
    ],
    outcome: 'pass',
    verdicts: { match: N, 'skipped:not_modified': 2, 'skipped:partial': 1 },
  },
  overloaded: {
    title: 'a primary in trouble beside a twin that answers',
    routes: [one],
    primary: (asked) =>
      Number(asked.path.slice(1)) >= N
        ? [Number(asked.path.slice(1)) % 2 === 0 ? 503 : 429, { error: 'x' }]
        : good(asked),
    twin: good,
    reads: times((n) => get(`/${n}`)).concat(times((n) => get(`/${n}`), N)),
    outcome: 'pass',
    verdicts: { match: N, 'skipped:primary_error': N },
  },
  redirects: {
    title: 'a route that redirects to different places',
    routes: ['{ pattern: /:id, rules: strict, redirects: true }'],
    primary: ({ path }) => [302, undefined, { Location: `/elsewhere${path}` }],
    reads: times((n) => get(`/${n}`)),
    outcome: 'pass',
  },
  samePlace: {
    title: 'a route that always redirects to one place',
    routes: ['{ pattern: /:id, rules: strict, redirects: true }'],
    primary: always(302, undefined, { Location: '/login' }),
    reads: times((n) => get(`/${n}`)),
    outcome: 'undecided',
    missing: /120 different questions, 1 different answer/,
  },
};

const CONFIG = (scenes: Readonly<Record<string, Scene>>): string => `
routes:
  table: none
  entries:
${Object.entries(scenes)
  .flatMap(([domain, { routes }]) =>
    routes.map(
      (route) => `    - ${route.replace('pattern: ', `domain: ${domain.toLowerCase()}, pattern: /${domain}`)}`,
    ),
  )
  .join('\n')}
settle: { delaysMs: [1], busyRounds: 0 }
shadow: { notModified: 0, callerFields: [X-Gateway-User] }
journal: { flushMs: 100 }
verifier: { niceness: 0 }
limits: { recheckPerSecond: 10000 }
gate: { minimumPerRoute: 100, minimumPerShape: 20, mismatchLimit: 0.1, failureLimit: 0.1, latencyRatio: 100, settleP99Ms: 20000 }
`;

describe('the gate, by whole scenes', () => {
  let sides: readonly Listening[];
  let proxy: ProxyProcess;

  before(async () => {
    const side = (of: (scene: Scene) => Answers) =>
      opened(
        createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
          let body = '';
          for await (const chunk of request.setEncoding('utf8')) body += chunk;
          const url = new URL(request.url ?? '', 'http://side');
          const [, domain = '', path = ''] = /^\/([^/]+)(.*)$/.exec(url.pathname) ?? [];
          const scene = SCENES[domain];
          if (scene === undefined) throw new Error(`no scene ${domain}`);
          const [status, said, fields = {}] = of(scene)({
            path,
            query: url.searchParams,
            body,
            fields: request.headers,
          });
          response.writeHead(status, said === undefined ? fields : { 'Content-Type': 'application/json', ...fields });
          response.end(said === undefined ? undefined : JSON.stringify(said));
        }),
      );
    sides = await Promise.all([side(({ primary }) => primary), side(({ primary, twin }) => twin ?? primary)]);
    const [primary, twin] = sides;
    proxy = await startProxyProcess(
      {
        SHADOWREAD_PRIMARY_URL: primary?.url,
        SHADOWREAD_TWIN_URL: twin?.url,
        SHADOWREAD_JOURNAL_URL: await freshJournal(),
      },
      CONFIG(SCENES),
    );
    for (const [domain, { reads }] of Object.entries(SCENES)) {
      for (let at = 0; at < reads.length; at += 40) {
        await Promise.all(
          reads.slice(at, at + 40).map(async ({ target, method = 'GET', body, headers = {} }) => {
            const answer = await fetch(`${proxy.url}/${domain}${target}`, {
              method,
              redirect: 'manual',
              headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
              ...(body === undefined ? {} : { body }),
            });
            await answer.arrayBuffer();
          }),
        );
        await proxy.until((now) => now.inFlight < 100);
      }
    }
    await proxy.quiet();
  });

  after(async () => {
    await proxy?.stop();
    await Promise.all(sides.map((side) => side.close()));
  });

  for (const [domain, { title, outcome, missing, not, verdicts }] of Object.entries(SCENES)) {
    it(`${outcome}: ${title}`, async () => {
      const decided = async (): Promise<Decision> =>
        (await proxy.get<{ decision: Decision }>(`/api/gates/${domain.toLowerCase()}`)).decision;
      let decision = await decided();
      // Times are written some seconds after the counts.
      for (let tries = 0; decision.outcome !== outcome && tries < 1_200; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        decision = await decided();
      }
      const lacks = decision.missing.join('\n');
      if (missing !== undefined) expect(lacks).to.match(missing);
      if (not !== undefined) expect(lacks).to.not.match(not);
      expect(decision.outcome, lacks).to.equal(outcome);
      if (verdicts === undefined) return;
      const routes = await proxy.get<readonly RouteFigures[]>('/api/routes');
      const found: Record<string, number> = {};
      for (const route of routes.filter((each) => each.domain === domain.toLowerCase())) {
        for (const [kind, n] of Object.entries(route.verdicts)) if (n > 0 && kind !== 'skipped') found[kind] = n;
        for (const [reason, n] of Object.entries(route.reasons)) found[`skipped:${reason}`] = n;
      }
      expect(found).to.deep.equal(verdicts);
    });
  }
});
