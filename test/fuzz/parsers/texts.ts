/** Two JSON texts compared as they stand, against the comparison of their values. */
import { isDeepStrictEqual } from 'node:util';
import { type CompiledRule, compare, compareText, compileRule } from '../../../src/rules/compile.ts';
import * as kit from '../../../src/rules/kit.ts';
import { PARSE_LIMITS, parseJson } from '../../../src/rules/parse.ts';
import { type UnreadJson, unreadJson } from '../../../src/rules/unread.ts';
import { ALL_KNOWN, context, NONE_KNOWN, oid, uuid } from '../../support/comparing.ts';
import { insist, type NamedParser } from './promises.ts';

const row = kit.object({
  _id: kit.ref('users'),
  amount: kit.money('currency'),
  currency: kit.text(),
  at: kit.nullable(kit.instant()),
  note: kit.ignored('notes are free'),
  tags: kit.set(kit.text()),
  metadata: kit.nullable(kit.jsonb()),
});
const RULES: readonly CompiledRule[] = [
  kit.strict(),
  kit.jsonb(),
  kit.number(),
  kit.record(kit.nullable(kit.money({ scale: 2 }))),
  row,
  kit.object({ data: kit.ordered(row, ['-at'], { identity: '_id' }) }),
].map((rule) => compileRule(rule));
const ASKED = [{}, { ids: NONE_KNOWN }, { representation: 'primary' as const }];

/** What stands between the two texts; without it both sides have the same. */
const BETWEEN = '\n~\n';

function agree(bytes: Buffer): void {
  const at = bytes.indexOf(BETWEEN);
  const [primary, twin] = at < 0 ? [bytes, bytes] : [bytes.subarray(0, at), bytes.subarray(at + BETWEEN.length)];
  const [mine, its] = [unreadJson(primary, PARSE_LIMITS), unreadJson(twin, PARSE_LIMITS)];
  if (mine === null || its === null) return;
  const read = { primary: parseJson(primary), twin: parseJson(twin) };
  for (const rule of RULES) {
    for (const asked of ASKED) {
      for (const [one, other, first, second] of [
        [mine, its, read.primary, read.twin],
        [its, mine, read.twin, read.primary],
      ] satisfies (readonly [UnreadJson, UnreadJson, ReturnType<typeof parseJson>, ReturnType<typeof parseJson>])[]) {
        const told = compareText(rule, one, other, context({ ids: ALL_KNOWN, ...asked }));
        if (told === null) continue;
        insist(first.ok && second.ok, 'something was said of what is no JSON');
        if (!first.ok || !second.ok) return;
        const known = compare(rule, first.value, second.value, context({ ids: ALL_KNOWN, ...asked }));
        insist(isDeepStrictEqual(told, known), `the texts say ${told.outcome}, the values ${known.outcome}`);
      }
    }
  }
}

const primaryRow = `{"_id":"${oid(1)}","amount":10.5,"currency":"USD","note":1,"tags":["a","b"],"metadata":{"b":"${oid(2)}","c":"2026-01-01T00:00:00.000Z","é":[1,"x\\n"]},"__v":0}`;
const twinRow = `{"_id":"${uuid(1)}","currency":"USD","amount":"10.50","at":null,"tags":["b","a"],"metadata":{"c":{"$date":{"$numberLong":"1767225600000"}},"é":[1,"x\\n"],"b":{"$oid":"${oid(2)}"}}}`;

export const texts: Readonly<Record<string, NamedParser>> = {
  texts: {
    what: 'two JSON texts compared as they stand',
    runs: 50_000,
    corpus: [
      primaryRow + BETWEEN + twinRow,
      `{"data":[${primaryRow}]}${BETWEEN}{"data":[ ${twinRow} ]}`,
      `{"a":1,"b":[true,null,-0.5]}${BETWEEN}{"b":[true,null,-0.50],"a":1}`,
      '{"a":"\\u00e9","a":{"$numberDecimal":"1.50"}}',
      `[9007199254740993,1e2,[[{}]]]${BETWEEN}[9007199254740992,100,[[{}]]]`,
      `1.50${BETWEEN}"1.5"`,
    ],
    holds: agree,
  },
};
