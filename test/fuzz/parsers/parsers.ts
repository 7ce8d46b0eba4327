/** Each parser of ours that strangers write for, with a corpus and what it promises whatever it is given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createRouteMatcher } from '../../../src/api/route-matcher.ts';
import { answerFields, fieldOf, nominatedBy, requestFields } from '../../../src/base/fields.ts';
import { loadConfig } from '../../../src/config.ts';
import { parseCsv } from '../../../src/rules/engine/csv.ts';
import { canonicalJson } from '../../../src/rules/exact-number.ts';
import { comparatorFrom } from '../../../src/rules/inline.ts';
import { parseJson, parseRows } from '../../../src/rules/parse.ts';
import type { FuzzTarget } from '../target.ts';
import { insist, type NamedParser, refusing, text } from './promises.ts';
import { recordings } from './recordings.ts';
import { fuzzParser } from './steered.ts';
import { texts } from './texts.ts';
import { values } from './values.ts';
import { wire } from './wire.ts';

function reparsed(bytes: Buffer, read: typeof parseJson): void {
  const result = read(bytes);
  if (!result.ok) return;
  const once = canonicalJson(result.value);
  const again = parseJson(Buffer.from(once));
  insist(again.ok && canonicalJson(again.value) === once, 'what was read is not what it prints');
}

/** A matcher of routes as the text names them, one a line, asked for the rest of the lines. */
function patterns(bytes: Buffer): void {
  const lines = text(bytes).split('\n').slice(0, 20);
  refusing(() => {
    const routes = lines
      .filter((line) => line.startsWith('/'))
      .map((pattern) => ({ key: `GET ${pattern}`, method: 'GET' as const, pattern, domain: 'any' }));
    const { match } = createRouteMatcher(
      routes.filter(({ key }, i) => routes.findIndex((one) => one.key === key) === i),
    );
    for (const line of lines) {
      const found = match('GET', line);
      insist(found === null || routes.some(({ key }) => key === found.key), 'a route that nobody named');
      match('HEAD', `http://any.example${line}`);
    }
  });
}

function headerFields(bytes: Buffer): void {
  const raw = bytes
    .toString('latin1')
    .split('\n')
    .flatMap((line) => [line.split(':')[0] ?? '', line.split(':').slice(1).join(':')]);
  const { forward } = requestFields(raw, { missingHost: 'primary.example', replaceHost: null });
  insist(forward.length % 2 === 0, 'a name without a value');
  for (let i = 0; i < forward.length; i += 2)
    insist(
      !/^(connection|keep-alive|upgrade)$/i.test(forward[i] ?? '') || forward[i + 1] === 'TE',
      `a field of one hop: ${forward[i]}`,
    );
  for (const [i, value] of raw.entries()) if (i % 2 === 1) nominatedBy(value);
  fieldOf(raw, 'authorization');
  answerFields(raw, { chunkable: true, traceId: null, hideTwin: false });
}

function config(bytes: Buffer): void {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-fuzz-'));
  try {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, bytes);
    refusing(() => void loadConfig(file, {}));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PARSERS: Readonly<Record<string, NamedParser>> = {
  ...values,
  ...texts,
  ...recordings,
  ...wire,
  config: {
    what: 'config files',
    runs: 5_000,
    corpus: [
      'listen: { port: 8080 }\n',
      'shadow:\n  sample: 0.5\nroutes:\n  entries: [{ pattern: /a/:id, domain: a, rules: strict }]\n',
      'a: &x [1]\nb: *x\n',
      '- 1\n',
    ],
    holds: config,
  },
  patterns: {
    what: 'route patterns and targets',
    runs: 50_000,
    corpus: [
      '/api/things/:id\n/api/things/me\n/api/things/%41?x=1\n',
      '/a/:b/c\n/a/b/:c\n/a/b/c\n/a//b\n/a/../b\n',
      '/:x\n/%zz\n/%2f\n',
    ],
    holds: patterns,
  },
  rules: {
    what: 'rules written in YAML',
    runs: 20_000,
    corpus: [
      'object:\n  a: text\n  b: { list: { of: number, by: [-at] } }\n',
      'strict\n',
      '{ money: currency }\n',
      '{ nullable: instant }\n',
      '{ page: { of: strict, by: [a] } }\n',
    ],
    holds: (bytes) =>
      refusing(() => {
        let data: unknown;
        try {
          data = parse(text(bytes));
        } catch {
          // YAML's own refusals, its deepest nesting among them.
          return;
        }
        comparatorFrom('fuzz', data);
      }),
  },
  json: {
    what: 'JSON with exact numbers',
    runs: 50_000,
    corpus: [
      '{"a":[1,2.50,1e2,9007199254740993,-0],"b":null}',
      '{"__proto__":{"x":1},"constructor":"\\u0000"}',
      '[[[[{}]]]]',
      '\ufeff"x"',
      '0.1000000000000000055511151231257827',
    ],
    holds: (bytes) => reparsed(bytes, parseJson),
  },
  ndjson: {
    what: 'JSON lines and sequences',
    runs: 50_000,
    corpus: ['{"a":1}\n{"a":2}\r\n\n', '\x1e{"a":1}\n\x1e[]\n', '1\n'],
    holds: (bytes) => reparsed(bytes, parseRows),
  },
  csv: {
    what: 'CSV',
    runs: 50_000,
    corpus: ['a,b\r\n1,"x ""y"", z"\r\n', 'a\n"\n\n"\n', ',,\n'],
    holds: (bytes) => {
      const rows = parseCsv(text(bytes));
      insist(
        rows === null || rows.every((row) => row.every((cell) => typeof cell === 'string')),
        'a cell that is no text',
      );
    },
  },
  fields: {
    what: 'header fields',
    runs: 50_000,
    corpus: [
      'Host: a\nConnection: keep-alive, X-Own\nX-Own: 1\n',
      'Authorization: Bearer x\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n',
      'TE: trailers\nContent-Length: 1\nContent-Length: 1\n',
    ],
    holds: headerFields,
  },
};

export const parsers: Readonly<Record<string, FuzzTarget>> = Object.fromEntries(
  Object.entries(PARSERS).map(([name, parser]) => [
    name,
    { what: parser.what, runs: parser.runs, fuzz: (options) => fuzzParser(parser, options) } satisfies FuzzTarget,
  ]),
);
