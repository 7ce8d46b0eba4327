/** A config that is wrong does not start: `config check` and `proxy` tell every mistake with its line, and exit with 64. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadApiOf } from '../../src/cli/api.ts';
import { loadConfig } from '../../src/config.ts';
import { configSchema } from '../../src/config-schema.ts';
import { wholeConfig } from '../../src/service/whole-config.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const HEAD = `primary: { url: 'http://127.0.0.1:1' }
twin: { url: 'http://127.0.0.1:2' }
admin: { port: 0 }
listen: { host: 127.0.0.1, port: 0 }
`;

const ROUTES = (entries: string): string => `${HEAD}routes:
  table: none
  entries:
${entries}`;

/** What is written, and what must be told of it: line and words. */
const TABLE: readonly (readonly [
  title: string,
  text: string,
  told: readonly (readonly [line: number, words: RegExp])[],
])[] = [
  [
    'unknown words anywhere in rules, all of them, with what may have been meant',
    ROUTES(`    - { pattern: /good, domain: a, rules: strict }
    - pattern: /v1/orders
      domain: a
      rules:
        object:
          total: nubmer
          list:
            list:
              objct: { at: instant }
          when: { nullable: instnat }
`),
    [
      [13, /nubmer.*did you mean number\?/],
      [16, /objct.*did you mean object\?/],
      [17, /instnat.*did you mean instant\?/],
    ],
  ],
  [
    'values of the wrong form, each told once, and words of other tools',
    ROUTES(`    - pattern: /v1/orders
      domain: a
      rules:
        object:
          status: { enum: open }
          rows: { ordered: text, by: at }
          table: { csv: [id] }
          count: { number: float }
          made: { cursorPage: text }
          name: string
          made_at: timestamp
          id: integer
`),
    [
      [12, /status\.enum .*found "open"/],
      [13, /rows\.by .*found "at"/],
      [14, /table\.csv .*found a list/],
      [15, /count\.number .*found "float"/],
      [16, /made\.collection .*found nothing/],
      [17, /did you mean text\?/],
      [18, /did you mean instant\?/],
      [19, /did you mean number\?/],
    ],
  ],
  [
    'rules and options that a newcomer may guess, each with what to write instead',
    ROUTES(`    - pattern: /v1/orders
      domain: a
      query: { page: pages, state: { oneof: [a] } }
      rules:
        headers: { etag: ignore }
        body:
          object:
            total: { decimal: 2 }
            rows: { list: text, order: free }
            more: { set: text, by: [a] }
            token: { ignored: true }
            key: { text: {} }
            cents: { money: { scale: "2" } }
            at: { instant: second }
            when: { instant: { zone: Europe/Berln } }
ids: { orders: consistent, users: { by: consistant } }
gate: strict
`),
    [
      [10, /query\.page: .*did you mean page\?/],
      [10, /query\.state: .*did you mean oneOf\?/],
      [12, /etag .*did you mean \{ ignored: why \}\?/],
      [15, /did you mean \{ number: decimal \}\?/],
      [16, /did you mean \{ set: … \} for a list in any order\?/],
      [17, /did you mean \{ ordered: …, by: … \}\?/],
      [18, /for example: ignored: a fresh token/],
      [19, /expected the name of a collection; found \{\}/],
      [20, /found \{"scale":"2"\}/],
      [21, /did you mean seconds\?/],
      [22, /zone: Europe\/Berlin/],
      [23, /ids\.orders: expected a mapping, such as \{ by: … \}, with by, type, .*found "consistent"/],
      [23, /ids\.users\.by: .*did you mean consistent\?/],
      [24, /gate: expected a mapping, such as/],
    ],
  ],
  ['an alias that names nothing', `${HEAD}ids: { orders: *known }\n`, [[5, /alias.*known/]]],
  [
    'what says nothing, or cannot be, of which requests are reads',
    ROUTES(`    - { pattern: /a, domain: a, rules: strict, method: POST, reads: {} }
    - { pattern: /b, domain: a, rules: strict, method: POST, reads: { graphql: false, persisted: [x] } }
    - { pattern: /c, domain: a, rules: strict, reads: { body: { /method: get } } }
    - { pattern: /d, domain: a, rules: strict, method: POST, reads: { body: { method: get } } }
    - { pattern: /e, domain: a, rules: strict, method: POST, reads: { graphql: true, presisted: [x] } }
`),
    [
      [8, /one of graphql, persisted and body/],
      [9, /persisted/],
      [10, /method: POST/],
      [11, /JSON pointer/],
      [12, /presisted.*did you mean persisted/],
    ],
  ],
  [
    'a module that is not there',
    ROUTES('    - { pattern: /a, domain: a, module: ./not-there.ts }\n'),
    [[8, /not-there\.ts/]],
  ],
  [
    'a module that throws, and one without a comparator',
    ROUTES(`    - { pattern: /a, domain: a, module: 'data:text/javascript,throw new Error("no")' }
    - { pattern: /b, domain: a, module: 'data:text/javascript,export default 1' }
`),
    [
      [8, /cannot be loaded.*no/],
      [9, /has no comparator/],
    ],
  ],
  [
    'modules, credentials, rules and options of one config, all at once',
    `${HEAD.replace("twin: { url: 'http://127.0.0.1:2' }", "twin: { url: 'http://127.0.0.1:2', credentials: ./none.js }")}routes:
  table: none
  entries:
    - { pattern: /a, domain: a, module: ./not-there.ts }
    - { pattern: /b, domain: a, rules: nubmer }
    - { pattern: /c, domain: a, comparator: payments.oen }
    - { pattern: '/d/:id', domain: a, rules: strict, twinPath: '/e/:idd' }
gaet: {}
`,
    [
      [2, /twin\.credentials.*none\.js/],
      [8, /not-there\.ts/],
      [9, /nubmer/],
      [10, /did you mean payments\.one\?/],
      [11, /:idd; did you mean :id\?/],
      [12, /did you mean gate\?/],
    ],
  ],
  [
    'modules and names of a config that is valid by itself',
    `${ROUTES('    - { pattern: /a, domain: a, module: ./not-there.ts }\n    - { pattern: /b, domain: a, rules: strict }\n')}  overrides: { 'GET /c': { paused: true } }
domains: { bb: { stage: off } }
evidence: { keyFile: /no/such/key }
admin: { port: 0, tokenFile: /no/such/token }
`.replace('admin: { port: 0 }\n', ''),
    [
      [7, /not-there\.ts/],
      [9, /GET \/c/],
      [10, /bb/],
      [11, /evidence\.keyFile cannot be read/],
      [12, /admin\.tokenFile cannot be read/],
    ],
  ],
  [
    'an API that is not there, beside a module that is not there',
    `${HEAD}routes:
  table: amanta
  entries:
    - { pattern: /a, domain: a, module: ./not-there.ts }
`,
    [
      [6, /amanta; did you mean amanat\?/],
      [8, /not-there\.ts/],
    ],
  ],
  [
    'a route that the API module has already',
    `${HEAD}routes:
  table: amanat
  entries:
    - { pattern: '/api/payments/:id', domain: payments, rules: strict }
`,
    [[8, /twice/]],
  ],
  [
    'a comparator that nobody has',
    ROUTES('    - { pattern: /a, domain: a, comparator: payments.oen }\n'),
    [[8, /did you mean payments\.one\?/]],
  ],
  [
    'one shape twice',
    ROUTES(`    - { pattern: '/v1/:a', domain: a, rules: strict }
    - { pattern: '/v1/:b', domain: a, rules: strict }
`),
    [[9, /same shape as GET \/v1\/:a/]],
  ],
  [
    'patterns that no path matches',
    ROUTES(`    - { pattern: '/v1//x', domain: a, rules: strict }
    - { pattern: '/v1/:', domain: a, rules: strict }
    - { pattern: '/v1/:id/:id', domain: a, rules: strict }
`),
    [
      [8, /can never match/],
      [9, /can never match/],
      [10, /one parameter named id/],
    ],
  ],
  [
    'two comparators, and none',
    ROUTES('    - { pattern: /a, domain: a, rules: strict, comparator: x }\n    - { pattern: /b, domain: a }\n'),
    [
      [8, /comparator and rules/],
      [9, /none of them/],
    ],
  ],
  [
    'options that there are not',
    `${HEAD}gate: { mininumPerRoute: 3 }\nshadwo: {}\n`,
    [
      [5, /did you mean minimumPerRoute\?/],
      [6, /did you mean shadow\?/],
    ],
  ],
  [
    'header fields that are the connection’s',
    `primary: { url: 'http://127.0.0.1:1', headers: { drop: [Connection] } }
twin:
  url: http://127.0.0.1:2
  headers:
    set: { Content-Length: '0' }
    rename: { Authorization: Transfer-Encoding }
`,
    [
      [1, /frame the message/],
      [5, /frame the message/],
      [6, /frame the message/],
    ],
  ],
  [
    'an unknown override',
    `${ROUTES("    - { pattern: '/v1/orders', domain: a, rules: strict }\n")}  overrides: { 'GET /v1/order': { paused: true } }\n`,
    [[9, /did you mean GET \/v1\/orders\?/]],
  ],
];

function run(args: readonly string[]): Promise<{ readonly status: number | null; readonly text: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin/shadowread.js'), ...args], { cwd: ROOT });
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text += data.toString()));
    child.on('close', (status) => resolve({ status, text }));
  });
}

describe('a config that is wrong', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shadowread-config-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const told = async (text: string): Promise<string> => {
    const file = join(folder, 'config.yaml');
    await writeFile(file, text);
    try {
      await wholeConfig(() => loadConfig(file, {}), {}, loadApiOf);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };

  for (const [title, text, mistakes] of TABLE) {
    it(`is refused with its lines: ${title}`, async () => {
      const lines = (await told(text)).split('\n');
      expect(lines, lines.join('\n')).to.have.length(mistakes.length);
      for (const [line, words] of mistakes) {
        const found = lines.filter((one) => one.includes(`config.yaml:${line}: `));
        expect(found.join('\n'), `line ${line} of\n${lines.join('\n')}`).to.match(words);
      }
    });
  }

  it('ends check and proxy with 64, and neither serves nor hangs', async () => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, TABLE[0]?.[1] ?? '');
    for (const command of [
      ['config', 'check', file],
      ['proxy', '--config', file],
    ]) {
      const { status, text } = await run(command);
      expect(status, text).to.equal(64);
      expect(text).to.match(/bad\.yaml:13: .*nubmer/);
      expect(text).to.match(/bad\.yaml:17: .*instnat/);
    }
  });

  it('takes "*" among query parameters for what is ignored alone', async () => {
    const entry = (kind: string) =>
      ROUTES(`    - { pattern: /v1/x, domain: a, rules: strict, query: { "*": ${kind} } }\n`);
    expect(await told(entry('ignored'))).to.equal('');
    expect(await told(entry('text'))).to.contain('stands for all that are not named, and takes only ignored');
  });

  it('takes a slash at the end, suffixes, and a comparator written out', async () => {
    const entries = `    - { pattern: /v1/x/, domain: a, rules: strict }
    - { pattern: /v1/x, domain: a, comparator: { body: { object: { id: text } }, error: strict, headers: [x-total] } }
    - { pattern: '/v1/:id.json', domain: a, rules: strict, query: { page: page, _: ignored } }
`;
    expect(await told(ROUTES(entries))).to.equal('');
  });
});

/** Snippets of YAML in the docs that are configs: their first key is one of the config's sections. */
describe('the configs in the docs', () => {
  it('are all taken by the real check', async () => {
    const docs = (await readdir(join(ROOT, 'docs')))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`);
    const sections = new Set(Object.keys(configSchema.shape));
    let checked = 0;
    for (const name of [...docs, 'README.md']) {
      const text = await readFile(join(ROOT, name), 'utf8');
      for (const [, snippet = ''] of text.matchAll(/^```ya?ml\n(.*?)^```/gms)) {
        const key = /^([a-z]+):/m.exec(snippet)?.[1];
        if (key === undefined || !sections.has(key) || /^(apiVersion|services|on|jobs):/m.test(snippet)) continue;
        const folder = await mkdtemp(join(tmpdir(), 'shadowread-docs-'));
        try {
          const file = join(folder, 'config.yaml');
          await writeFile(file, snippet);
          const loaded = loadConfig(file, {});
          // A module of the reader's own is not here to be loaded.
          const entries = loaded.config.routes.entries.filter((entry) => entry.module === undefined);
          const routes = { ...loaded.config.routes, entries, overrides: {} };
          await loadApiOf({ ...loaded, config: { ...loaded.config, domains: {}, routes } });
        } catch (error) {
          throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}\n${snippet}`);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
        checked += 1;
      }
    }
    expect(checked).to.be.greaterThan(0);
  });
});
