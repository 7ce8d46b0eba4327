/**
 * The mutation suite for rules that Amanat's answers do not use: URLs, fields with rules and lists, doubles, tables with
 * other separators, NDJSON, text. Each kind of answer is made by chance; what keeps its meaning must not be reported, what
 * changes it must not be missed. Through the verifier's own reading of bytes, so that forms and media types count.
 */
import { expect } from 'chai';
import { type Random, seeded } from '../../src/amanat/demo/random.ts';
import { twinPathsOf } from '../../src/api/twin-path.ts';
import * as kit from '../../src/rules/kit.ts';
import type { Comparator } from '../../src/rules/rule.ts';
import type { Route } from '../../src/types.ts';
import { type ReadAnswer, readAnswer } from '../../src/verifier/answers.ts';
import { compileRoute } from '../../src/verifier/engine.ts';
import { ALL_KNOWN, context, said } from '../support/comparing.ts';

interface Raw {
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}
type Change = (raw: Raw, random: Random) => Raw;

interface Kind {
  readonly comparator: Comparator;
  readonly make: (random: Random) => Raw;
  readonly variations: Readonly<Record<string, Change>>;
  readonly mutants: Readonly<Record<string, Change>>;
}

const ROUNDS = 60;
const JSON_TYPE = { 'content-type': 'application/json' };

const word = (random: Random): string => random.pick(['lamp', 'Desk', 'chair', 'sofa', 'rug']) + random.below(10_000);
const body =
  (change: (text: string, random: Random) => string): Change =>
  ({ fields, body: text }, random) => ({ fields, body: change(text, random) });
const field =
  (name: string, change: (text: string, random: Random) => string): Change =>
  ({ fields, body: text }, random) => ({
    fields: { ...fields, [name]: change(fields[name] ?? '', random) },
    body: text,
  });
const without =
  (name: string): Change =>
  ({ fields: { [name]: _gone, ...fields }, body: text }) => ({ fields, body: text });
/** Another character in the place of one. */
const otherAt = (text: string, random: Random, of: RegExp): string => {
  const places = [...text.matchAll(of)].map(({ index }) => index);
  const at = random.pick(places);
  return text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1);
};
const json = (change: (value: { a: string; list: string[] }, random: Random) => unknown): Change =>
  body((text, random) => JSON.stringify(change(JSON.parse(text), random)));
const lines = (text: string): string[] => text.split('\n').slice(0, -1);
const joined = (all: readonly string[]): string => `${all.join('\n')}\n`;
const turned = (all: readonly string[]): string[] => [...all.slice(1), ...all.slice(0, 1)];

const KINDS: Readonly<Record<string, Kind>> = {
  url: {
    comparator: kit.comparator('x', kit.object({ a: kit.url(), list: kit.set(kit.url()) }), { headers: ['link'] }),
    make: (random) => {
      const [one, two] = [word(random), word(random)];
      return {
        fields: {
          ...JSON_TYPE,
          location: `http://mongo:1/orders/${one}?q=${two}`,
          link: `</orders/${two}>; rel="next"`,
        },
        body: JSON.stringify({ a: `http://mongo:1/orders/${one}`, list: [`/orders/${two}?page=2`, `/people/${one}`] }),
      };
    },
    variations: {
      "the twin's own origin": body((text) => text.replaceAll('http://mongo:1', 'http://pg:2')),
      'its path and prefix': body((text) => text.replaceAll('http://mongo:1/orders', 'http://pg:2/shop/v2/orders')),
      'as a path': body((text) => text.replaceAll('http://mongo:1', '')),
      'a set in another order': json((value) => ({ ...value, list: turned(value.list) })),
      'a Location on itself': field('location', (text) => text.replace('http://mongo:1/orders', '/shop/v2/orders')),
      'a Link on itself': field('link', (text) => text.replace('</orders', '<http://pg:2/shop/v2/orders')),
    },
    mutants: {
      'another id': json((value, random) => ({ ...value, a: otherAt(value.a, random, /(?<=orders\/)\w/g) })),
      'another host': body((text) => text.replaceAll('http://mongo:1', 'http://elsewhere')),
      'another path': body((text) => text.replaceAll('/people/', '/v2/people/')),
      'no query': json((value) => ({ ...value, list: value.list.map((one) => one.replace('?page=2', '')) })),
      'one less': json((value) => ({ ...value, list: value.list.slice(1) })),
      'no Location': without('location'),
      'another place': field('location', (text, random) => otherAt(text, random, /(?<=orders\/)\w/g)),
      'another Link': field('link', (text) => text.replace('next', 'prev')),
    },
  },
  fields: {
    comparator: kit.comparator('x', kit.text(), {
      headers: { 'x-total': kit.number(), 'x-at': kit.instant(), vary: kit.ignored('by the CDN'), allow: kit.strict() },
    }),
    make: (random) => ({
      fields: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': `private, max-age=${random.below(900) + 10}`,
        'x-total': String(random.below(9_000) + 1),
        'x-at': `2026-05-0${random.below(9) + 1}T10:00:00.000Z`,
        vary: 'accept',
        allow: 'GET, HEAD',
        'content-disposition': `attachment; filename="${word(random)}.csv"`,
      },
      body: JSON.stringify(word(random)),
    }),
    variations: {
      'a list in another order': field('cache-control', (text) =>
        text.split(', ').reverse().join(' ,').toUpperCase().replace('MAX-AGE', 'Max-Age'),
      ),
      'the charset that JSON has': field('content-type', () => 'Application/JSON'),
      'a number in another form': field('x-total', (text) => `${text}.0`),
      'an instant in another form': field('x-at', (text) => text.replace('.000Z', '+00:00')),
      'what is ignored': field('vary', () => 'cookie'),
      'a field that nobody compares': field('x-request-id', (_text, random) => word(random)),
    },
    mutants: {
      'another age': field('cache-control', (text, random) => otherAt(text, random, /\d/g)),
      'no longer private': field('cache-control', (text) => text.replace('private', 'public')),
      'another total': field('x-total', (text, random) => otherAt(text, random, /\d/g)),
      'no total': without('x-total'),
      'another instant': field('x-at', (text) => text.replace('10:00', '10:01')),
      'another type': field('content-type', () => 'application/problem+json'),
      'another file': field('content-disposition', (text) => text.replace('.csv', '.CSV')),
      'no field': without('allow'),
    },
  },
  double: {
    comparator: kit.comparator('x', kit.object({ a: kit.number('double'), b: kit.number() })),
    make: (random) => ({
      fields: JSON_TYPE,
      body: `{"a":${(random.next() * 1_000 + 1).toString()},"b":${random.below(1_000) + 1}.25}`,
    }),
    variations: {
      'more digits than a double has': body((text) =>
        text.replace(/"a":([\d.]+)/, (_all, digits: string) => `"a":${Number(digits).toPrecision(21)}`),
      ),
      'with an exponent': body((text) =>
        text.replace(/"a":([\d.]+)/, (_all, digits: string) => `"a":${Number(digits).toExponential()}`),
      ),
      'zeros behind': body((text) => text.replace('.25}', '.2500}')),
    },
    mutants: {
      'the next double': body((text) =>
        text.replace(/"a":([\d.]+)/, (_all, digits: string) => `"a":${Number(digits) * (1 + 2 ** -52)}`),
      ),
      'as text': body((text) => text.replace(/"a":([\d.]+)/, '"a":"$1"')),
      'another number': body((text) => text.replace('.25}', '.26}')),
    },
  },
  table: {
    comparator: kit.comparator(
      'x',
      kit.csv({ id: kit.text(), price: kit.number(), note: kit.text() }, { kind: 'free' }, null, ';'),
    ),
    make: (random) => ({
      fields: { 'content-type': 'text/csv' },
      body: joined([
        'id;price;note',
        ...Array.from({ length: 4 }, (_, n) => `${n};${random.below(90) + 10}.5;"a; ${word(random)}"`),
      ]),
    }),
    variations: {
      'a byte order mark': body((text) => `\ufeff${text}`),
      'quoted headers': body((text) => text.replace('id;price;note', '"id";"price";"note"')),
      'other line ends': body((text) => text.replaceAll('\n', '\r\n')),
      'a number in another form': body((text) => text.replaceAll('.5;', '.50;')),
      'rows whose order is free': body((text) => joined(['id;price;note', ...turned(lines(text).slice(1))])),
      'needless quotes': body((text) => text.replace('\n0;', '\n"0";')),
    },
    mutants: {
      'another cell': body((text, random) => otherAt(text, random, /(?<=;)\d/g)),
      'one row less': body((text) => joined(lines(text).slice(0, -1))),
      'a row twice': body((text) => joined([...lines(text), lines(text).at(-1) ?? ''])),
      'another separator': body((text) => text.replaceAll(';', ',')),
      'columns in another order': body((text) => text.replace('id;price;note', 'price;id;note')),
      'a blank more': body((text) => text.replace('"a; ', '"a;  ')),
    },
  },
  rows: {
    comparator: kit.comparator('x', kit.list(kit.object({ id: kit.text(), at: kit.instant() }))),
    make: (random) => ({
      fields: { 'content-type': 'application/x-ndjson' },
      body: joined(
        Array.from({ length: 4 }, (_, n) =>
          JSON.stringify({ id: word(random), at: `2026-05-0${n + 1}T10:00:00.000Z` }),
        ),
      ),
    }),
    variations: {
      'no line end behind': body((text) => text.trimEnd()),
      'other line ends': body((text) => text.replaceAll('\n', '\r\n')),
      'keys in another order': body((text) =>
        joined(
          lines(text).map((line) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line)).reverse()))),
        ),
      ),
      'an instant in another form': body((text) => text.replaceAll('.000Z', 'Z')),
    },
    mutants: {
      'another row': body((text, random) => otherAt(text, random, /(?<="id":")\w/g)),
      'another order': body((text) => joined(turned(lines(text)))),
      'one row less': body((text) => joined(lines(text).slice(1))),
      'as one list': ({ body: text }) => ({ fields: JSON_TYPE, body: `[${lines(text).join(',')}]` }),
    },
  },
  page: {
    comparator: kit.comparator('x', kit.text()),
    make: (random) => ({
      fields: { 'content-type': 'text/html; charset=utf-8' },
      body: `<h1>${word(random)}</h1>\n<p>für ${word(random)}</p>\n`,
    }),
    variations: {
      'the charset in another case': field('content-type', () => 'text/HTML;charset="UTF-8"'),
      'a field that nobody compares': field('x-powered-by', (_text, random) => word(random)),
    },
    mutants: {
      'another word': body((text, random) => otherAt(text, random, /\w(?=\d)/g)),
      'a blank more': body((text) => text.replace('für ', 'für  ')),
      'another form of one letter': body((text) => text.normalize('NFD')),
      'no end': body((text) => text.slice(0, -5)),
      'plain text': field('content-type', () => 'text/plain; charset=utf-8'),
      nothing: body(() => ''),
    },
  },
};

const ORDERS: Route = {
  key: 'GET /orders/:id',
  method: 'GET',
  pattern: '/orders/:id',
  domain: 'd',
  twinPath: '/v2/orders/:id',
};
const ORIGINS = {
  primary: 'http://mongo:1',
  twin: 'http://pg:2',
  twinPaths: twinPathsOf([ORDERS], 'http://pg:2/shop'),
};

describe('mutation of answers that Amanat does not give', () => {
  for (const [name, { comparator, make, variations, mutants }] of Object.entries(KINDS)) {
    const route = compileRoute(comparator, ORIGINS);
    const read = ({ fields, body: text }: Raw, beside: ReadAnswer | null) =>
      readAnswer(
        {
          status: 200,
          rawHeaders: Object.entries(fields).flat(),
          body: Buffer.from(text),
          askedAt: 0,
          headersMs: 0,
          totalMs: 0,
        },
        { limit: 1e6, head: false, wanted: route.form, beside },
      );
    const differences = async (primary: Raw, twin: Raw): Promise<string[]> => {
      const mine = await read(primary, null);
      const its = await read(twin, mine);
      return said(route.compare(mine, its, context({ representation: 'primary', ids: ALL_KNOWN })));
    };
    const tried = async (change: Change, seed: number): Promise<readonly [Raw, Raw, string[]][]> => {
      const random = seeded(seed);
      const found: [Raw, Raw, string[]][] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const primary = make(random);
        const twin = change(primary, random);
        if (JSON.stringify(primary) === JSON.stringify(twin)) continue;
        found.push([primary, twin, await differences(primary, twin)]);
      }
      expect(found.length, 'changes tried').to.be.greaterThan(ROUNDS / 3);
      return found;
    };
    for (const [what, change] of Object.entries(variations)) {
      it(`${name}: ${what} is not reported`, async () => {
        for (const [primary, twin, found] of await tried(change, 3)) {
          expect(found, `${JSON.stringify(primary)}\n${JSON.stringify(twin)}`).to.deep.equal([]);
        }
      });
    }
    for (const [what, change] of Object.entries(mutants)) {
      it(`${name}: ${what} is not missed`, async () => {
        for (const [primary, twin, found] of await tried(change, 5)) {
          expect(found.length, `${JSON.stringify(primary)}\n${JSON.stringify(twin)}`).to.be.greaterThan(0);
        }
      });
    }
  }
});
