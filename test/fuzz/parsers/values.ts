/** Parsers of single values: cursors, decimals, JSON pointers. */
import { cursorOfText } from '../../../src/amanat/twin/query.ts';
import { canonicalDecimal, parseFinite, sameCanonical } from '../../../src/rules/decimal.ts';
import { escapeSegment, into, pointerOf, unescapeSegment } from '../../../src/rules/engine/path.ts';
import { positionOf } from '../../../src/rules/engine/ref.ts';
import { numberOf, numberText } from '../../../src/rules/exact-number.ts';
import { insist, type NamedParser, text } from './promises.ts';

const KINDS = ['instant', 'number', 'text'] as const;
const encoded = (json: string): string => Buffer.from(json).toString('base64url');

/** The input as a cursor, and as what a cursor holds. */
async function cursors(bytes: Buffer): Promise<void> {
  for (const cursor of [text(bytes), encoded(text(bytes))])
    for (const key of KINDS) {
      const position = positionOf(cursor, key);
      if (position === null) continue;
      insist(/^[A-Za-z0-9_-]+$/.test(cursor), 'a cursor of other characters');
      const again = positionOf(encoded(JSON.stringify({ id: position.id, k: keyAgain(position.key, key) })), key);
      insist(again?.id === position.id && again.key === position.key, 'a position that does not come back');
      const forSql = await cursorOfText(cursor, { collection: 'any', key }, async () => null);
      insist(forSql === null || /^[0-9a-f]{24}$/.test(forSql.mongoId), 'a cursor that goes into SQL without an id');
      insist(forSql === null || !forSql.key.includes('\0'), 'a key that Postgres cannot hold');
    }
}

function keyAgain(meaning: string, key: (typeof KINDS)[number]): string | null {
  if (meaning === 'null') return null;
  switch (key) {
    case 'instant':
      return new Date(Number(meaning)).toISOString();
    case 'number':
      return meaning;
    case 'text':
      return meaning.slice(1);
  }
}

function numbers(bytes: Buffer): void {
  const source = text(bytes);
  const once = canonicalDecimal(source);
  if (once !== null) {
    insist(canonicalDecimal(once) === once, `${once} is canonical and yet is written another way`);
    insist(sameCanonical(source, once), 'a number that is not its own canonical form');
  }
  const exact = parseFinite(source);
  if (exact !== null && Math.abs(exact.scale) < 1_000) {
    const { digits, scale } = exact;
    const written = `${digits}e${-scale}`;
    insist(canonicalDecimal(written) === once, `${written} is ${canonicalDecimal(written)} and not ${once}`);
  }
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(source)) {
    const read = numberText(numberOf(source));
    insist(read !== null && sameCanonical(read, source), `${source} was read as ${read}`);
  }
}

function pointers(bytes: Buffer): void {
  const segments = text(bytes).split('\n');
  for (const segment of segments)
    insist(unescapeSegment(escapeSegment(segment)) === segment, 'a segment that does not come back');
  const step = segments.reduce<ReturnType<typeof into> | null>((up, segment) => into(up, segment, 'key'), null);
  const back = pointerOf(step).split('/').slice(1).map(unescapeSegment);
  insist(back.join('\n') === segments.join('\n'), 'a pointer that names another place');
}

const ID = '66d4f0a2c3b1a09876543210';

export const values: Readonly<Record<string, NamedParser>> = {
  cursors: {
    what: 'cursors of both sides',
    runs: 50_000,
    corpus: [
      encoded(`{"k":"2026-03-29T01:30:00.000Z","id":"${ID}"}`),
      `{"k":"2026-03-29T01:30:00.000+02:00","id":"0190a5b0-7b3c-7c4d-8e5f-0123456789ab"}`,
      `{"k":12.50,"id":"${ID}"}`,
      `{"id":"${ID}","k":"Zürich"}`,
      `{"k":null,"id":"x","__proto__":{"id":"y"}}`,
    ],
    holds: cursors,
  },
  numbers: {
    what: 'exact numbers',
    runs: 50_000,
    corpus: [
      '0.10',
      '-12.500e-3',
      '9007199254740993',
      '1e400000000',
      '+.5',
      'NaN',
      '-Infinity',
      '1e-9999999999999999999',
    ],
    holds: numbers,
  },
  pointers: {
    what: 'JSON pointers',
    runs: 50_000,
    corpus: ['a/b\nc', '~1', '~0~01\n', '', '\u00e9~\n0'],
    holds: pointers,
  },
};
