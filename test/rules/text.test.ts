import { expect } from 'chai';
import fc from 'fast-check';
import { paymentPage, payments } from '../../bench/compare-data.ts';
import { compare, compareText, compileRule } from '../../src/rules/compile.ts';
import * as kit from '../../src/rules/kit.ts';
import { PARSE_LIMITS, parseJson } from '../../src/rules/parse.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { type UnreadJson, unreadJson } from '../../src/rules/unread.ts';
import type { JsonValue } from '../../src/types.ts';
import { rules, values } from '../support/arbitrary-rules.ts';
import { byText, context, NONE_KNOWN, oid, uuid } from '../support/comparing.ts';

/** More of it: `TEXT_RUNS=200000`. */
const RUNS = { seed: 20261127, numRuns: Number(process.env.TEXT_RUNS ?? 3_000) };

/** The same JSON in one of its many spellings, or nearly: what a twin may print. */
const spellings: fc.Arbitrary<(value: JsonValue) => string> = fc
  .record({
    space: fc.constantFrom('', '', '', ' ', '\n  '),
    escaped: fc.boolean(),
    turned: fc.boolean(),
    twice: fc.constantFrom('', '', '', 'before', 'behind'),
    number: fc.constantFrom('', '', '', '0', 'e0', '000000000000000000', '1'),
    changed: fc.constantFrom('', '', '', '\u0001', '"', '}', 'x'),
  })
  .map(({ space, escaped, turned, twice, number, changed }) => {
    const text = (value: string): string => {
      const plain = JSON.stringify(value);
      return escaped && value !== ''
        ? `"\\u${value.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(value.slice(1)).slice(1)}`
        : plain;
    };
    const write = (value: JsonValue): string => {
      if (typeof value === 'string') return text(value);
      if (typeof value === 'number') {
        const plain = String(value);
        return /^-?\d+\.\d+$/.test(plain) && number !== 'e0' ? plain + number : number === 'e0' ? `${plain}e0` : plain;
      }
      if (typeof value !== 'object' || value === null) return String(value);
      if (Array.isArray(value)) return `[${space}${value.map(write).join(`,${space}`)}]`;
      const members = Object.entries(value).map(([key, item]) => `${text(key)}:${space}${write(item)}`);
      if (turned) members.reverse();
      const [first] = members;
      if (first !== undefined && twice === 'before') members.unshift(first.replace(/:.*$/s, ':null'));
      if (first !== undefined && twice === 'behind') members.push(first);
      return `{${space}${members.join(`,${space}`)}}`;
    };
    return (value) => {
      const whole = write(value);
      const at = whole.length >> 1;
      return changed === '' ? whole : whole.slice(0, at) + changed + whole.slice(at);
    };
  });

/** The text may say nothing. What it says is what the values say, and what it says anything of is JSON. */
function agree(rule: Rule, primary: string, twin: string, representation: 'primary' | 'twin'): boolean {
  for (const ids of [undefined, NONE_KNOWN]) {
    const asked = ids === undefined ? { representation } : { representation, ids };
    const told = byText(rule, primary, twin, asked);
    if (told === null) continue;
    const [mine, its] = [parseJson(Buffer.from(primary)), parseJson(Buffer.from(twin))];
    if (!mine.ok || !its.ok) throw new Error(`told of what is no JSON: ${twin}`);
    const known = compare(compileRule(rule), mine.value, its.value, context(asked));
    expect(told, `${primary}\n${twin}`).to.deep.equal(known);
  }
  return true;
}

describe('JSON compared as it stands', () => {
  it('says what its values say, whatever the rule and the spelling', () => {
    fc.assert(
      fc.property(
        rules,
        values,
        spellings,
        spellings,
        fc.constantFrom('primary', 'twin'),
        (rule, value, mine, its, representation) => agree(rule, mine(value), its(value), representation),
      ),
      RUNS,
    );
  });

  it('says what its values say of two other values', () => {
    fc.assert(
      fc.property(rules, values, values, spellings, spellings, (rule, value, other, mine, its) =>
        agree(rule, mine(value), its(other), 'twin'),
      ),
      RUNS,
    );
  });

  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const within = (inner: string): string => deep(200).replace('[]', `[${inner}]`);
  const amounts = Array.from({ length: 200 }).reduce<Rule>((of) => kit.list(of), kit.money({ scale: 2 }));
  const HOSTILE: readonly (readonly [what: string, rule: Rule, primary: string, twin: string])[] = [
    ['two members of one name', kit.object({ a: kit.text() }), '{"a":"1"}', '{"a":"1","a":"2"}'],
    ['two members of one name, the first wrong', kit.object({ a: kit.text() }), '{"a":"1"}', '{"a":"2","a":"1"}'],
    ['null behind a value', kit.object({ a: kit.nullable(kit.text()) }), '{"a":"1"}', '{"a":"1","a":null}'],
    ['two of one name in a blob', kit.jsonb(), '{"a":1,"b":2}', '{"a":1,"a":1}'],
    ['two of one name in a record', kit.record(kit.number()), '{"a":1,"b":2}', '{"a":1,"a":2}'],
    ['two of one name that no rule names', kit.object({}), '{"a":1,"b":1}', '{"a":1,"a":1}'],
    ['a number too long for a double', kit.number(), '9007199254740992', '9007199254740993'],
    ['the same within an ignored field', kit.object({ a: kit.ignored('') }), '{"a":1}', '{"a":9007199254740993}'],
    ['a number beyond the doubles', kit.jsonb(), '1e400', '1e401'],
    ['a number too small for a double', kit.number(), '0', '1e-400'],
    ['digits behind a double', kit.number(), '0.1', '0.1000000000000000055'],
    ['a zero below zero', kit.number(), '0', '-0'],
    ['a zero in front', kit.number(), '1', '01'],
    ['a plus', kit.number(), '1', '+1'],
    ['no digit behind the point', kit.number(), '1', '1.'],
    ['nothing but a minus', kit.number(), '0', '-'],
    ['something behind the end', kit.number(), '1', '1 1'],
    ['a comma behind the last', kit.list(kit.number()), '[1]', '[1,]'],
    ['no comma', kit.list(kit.number()), '[1,2]', '[1 2]'],
    ['a list without end', kit.list(kit.number()), '[1,2]', '[1,2'],
    ['a comma behind the last member', kit.object({ a: kit.number() }), '{"a":1}', '{"a":1,}'],
    ['no colon', kit.object({ a: kit.number() }), '{"a":1}', '{"a" 1}'],
    ['a line break in a string', kit.text(), '"a\\nb"', '"a\nb"'],
    ['a tab in an ignored field', kit.object({ a: kit.ignored('') }), '{"a":1}', '{"a":"\t"}'],
    ['a quote that the other side has escaped', kit.list(kit.text()), '["a\\",\\"b"]', '["a","b"]'],
    ['half a pair', kit.text(), '"\\ud800"', '"\\udfff"'],
    ['a letter in its two forms', kit.text(), '"\u00e9"', '"e\u0301"'],
    ['two letters that are the bytes of one', kit.text(), '"\u00c3\u00bc"', '"\u00fc"'],
    ['a member of the prototype', kit.jsonb(), '{"a":1}', '{"__proto__":1}'],
    ['a constructor', kit.strict(), '{"a":1}', '{"constructor":{}}'],
    ['an own __proto__', kit.strict(), '{"__proto__":{}}', '{"__proto__":{"a":1}}'],
    ['a member more', kit.strict(), '{"a":1}', '{"a":1,"b":2}'],
    ['a member less', kit.jsonb(), '{"a":1,"b":null}', '{"a":1}'],
    ['deeper than is read', kit.strict(), deep(200), deep(201)],
    ['deeper than is read, in an ignored field', kit.object({ a: kit.ignored('') }), '{"a":1}', `{"a":${deep(200)}}`],
    ['a fraction in a date', kit.jsonb(), '"1970-01-01T00:00:00.001Z"', '{"$date":{"$numberLong":"1.0"}}'],
    ['a date of a number', kit.jsonb(), '"1970-01-01T00:00:00.001Z"', '{"$date":{"$numberLong":1}}'],
    ['a member beside a date', kit.jsonb(), '"1970-01-01T00:00:00.001Z"', '{"$date":{"$numberLong":"1"},"a":1}'],
    ['an id that is none', kit.jsonb(), '"x"', '{"$oid":"x"}'],
    ['an amount as another type', kit.object({ a: kit.text() }), '{"a":"1.5"}', '{"a":1.5}'],
    ['a name with an escape', kit.strict(), '{"b":0,"a":1,"\\u0061":2}', '{"\\u0061":2,"a":1,"b":0}'],
    ['a name with an escape that rules name', kit.object({ a: kit.text() }), '{"\\u0061":"1","a":"2"}', '{"a":"1"}'],
    ['two of one name out of order', kit.strict(), '{"a":1,"b":2,"a":3}', '{"b":2,"a":3,"a":1}'],
    ['two of one name on both sides', kit.object({ a: kit.text() }), '{"a":"1","a":"2"}', '{"a":"2","a":"1"}'],
    [
      'null before the value',
      kit.object({ a: kit.nullable(kit.text()), b: kit.text() }),
      '{"b":"","a":"1"}',
      '{"a":null,"b":"","a":"1"}',
    ],
    [
      'a member of the primary twice',
      kit.object({ a: kit.text(), b: kit.text() }),
      '{"b":"1","a":"1","b":"2"}',
      '{"a":"1","b":"1"}',
    ],
    ['half an escape', kit.text(), '"\\u00e"', '"\\u00e"'],
    ['an escape that is none', kit.text(), '"\\x41"', '"\\x41"'],
    ['a backslash at the end', kit.list(kit.text()), '["a\\\\"]', '["a\\"]'],
    ['an exponent on one side', kit.number(), '1', '1e0'],
    ['a number that goes on', kit.list(kit.number()), '[1]', '[1.5]'],
    ['a number that goes on with an exponent', kit.list(kit.number()), '[1]', '[1e5]'],
    ['an amount with an exponent', kit.money({ scale: 2 }), '1', '"1e5"'],
    ['an amount that goes on', kit.money({ scale: 2 }), '1.5', '"1.50001"'],
    ['zeros before the point', kit.money({ scale: 2 }), '1', '"100"'],
    ['an amount with a zero in front', kit.money({ scale: 2 }), '"01.5"', '1.5'],
    ['half an amount', kit.money({ scale: 2 }), '1.5', '"1.5'],
    ['an amount beside another member', kit.money({ scale: 2 }), '{"$numberDecimal":"1.5","a":1}', '"1.5"'],
    [
      'an amount in another currency',
      kit.object({ a: kit.money('c') }),
      '{"a":0.001,"c":"USD"}',
      '{"a":"0.00","c":"USD"}',
    ],
    [
      'an amount in a list',
      kit.object({ a: kit.set(kit.money('c')) }),
      '{"a":[2,1.001],"c":"USD"}',
      '{"a":["1.00","2"],"c":"USD"}',
    ],
    [
      'deeper than is read behind a member that moved',
      kit.strict(),
      `{"a":${deep(200)},"b":1}`,
      `{"b":1,"a":${deep(200)}}`,
    ],
    ['an amount deeper than is read', amounts, within('{"$numberDecimal":"1"}'), within('"1"')],
    ['a secret of both', kit.object({ a: kit.secret() }), '{"a":"x"}', '{"a":"x"}'],
    ['a secret that moved', kit.object({ a: kit.secret(), b: kit.text() }), '{"a":"x","b":"1"}', '{"b":"1"}'],
    ['what is ignored and is no JSON', kit.object({ a: kit.ignored('') }), '{"a":"\\x"}', '{}'],
    ['what is ignored and is no number', kit.object({ a: kit.ignored('') }), '{"a":01}', '{}'],
    ['a version that is no JSON', kit.object({}), '{"__v":tru}', '{}'],
    ['a uuid of another', kit.ref('users'), `"${oid(1)}"`, `"${uuid(2)}"`],
    [
      'one id with two partners',
      kit.list(kit.ref('users')),
      `["${oid(1)}","${oid(1)}"]`,
      `["${uuid(1)}","${uuid(2)}"]`,
    ],
  ];
  for (const [what, rule, primary, twin] of HOSTILE) {
    it(`is not taken in by ${what}`, () => {
      for (const beside of [twin, `${twin} `, ` ${twin}`]) {
        for (const representation of ['twin', 'primary'] as const) {
          agree(rule, primary, beside, representation);
          agree(rule, beside, primary, representation);
          agree(rule, beside, beside, representation);
        }
      }
    });
  }

  it('tells of two pages that mean the same, in one script or several', () => {
    for (const names of ['latin', 'mixed'] as const) {
      const { primary, twin, ids } = paymentPage(40, names);
      const unread = (body: Buffer | string): UnreadJson => {
        const read = unreadJson(Buffer.from(body), PARSE_LIMITS);
        if (read === null) throw new Error('the page cannot be read');
        return read;
      };
      const compiled = compileRule(payments.body);
      const asked = { ...context(), ids };
      const told = (twinText: Buffer | string) => compareText(compiled, unread(primary), unread(twinText), asked);
      expect(told(twin)?.outcome).to.equal('equal');
      expect(told(JSON.stringify(JSON.parse(twin.toString()), null, 2))?.outcome).to.equal('equal');
    }
  });

  it('tells of members in another order, in any script, and of Extended JSON on both sides', () => {
    const told = (rule: Rule, primary: string, twin: string): string | undefined =>
      byText(rule, primary, twin)?.outcome;
    const blob = '{"نام":"\\n","é":{"b":[1],"a":{"$date":{"$numberLong":"1"}}},"x":1}';
    const turned = '{"x":1, "é":{"a":{"$date":{"$numberLong":"1"}},"b":[1]},"نام":"\\n"}';
    for (const rule of [kit.jsonb(), kit.strict(), kit.object({ x: kit.number() }), kit.record(kit.strict())])
      expect(told(rule, blob, turned)).to.equal('equal');
    const row = kit.object({ a: kit.money('c'), c: kit.text(), b: kit.nullable(kit.ref('users')) });
    expect(told(row, `{"c":"USD","b":"${oid(1)}","a":1.5}`, `{"a":"1.50","b":"${uuid(1)}","c":"USD"}`)).to.equal(
      'equal',
    );
    expect(told(row, '{"c":"USD","a":{"$numberDecimal":"1.5"}}', '{"a":"1.50","b":null,"c":"USD"}')).to.equal('equal');
    const sets = kit.object({ data: kit.set(kit.object({ tags: kit.set(kit.money('c')), c: kit.text() })) });
    const two = '{"data":[{"tags":[1,2.5],"c":"USD"}]}';
    expect(told(sets, two, '{"data":[{"tags":["2.50","1"],"c":"USD"}]}')).to.equal('equal');
  });

  it('tells of later answers after one with a name for each of its rows', () => {
    const rule = compileRule(kit.object({ a: kit.text() }));
    const told = (text: string) => {
      const read = unreadJson(Buffer.from(text), PARSE_LIMITS);
      return read === null ? null : compareText(rule, read, read, context());
    };
    const names = (from: number): string => Array.from({ length: 60 }, (_, i) => `"n${from + i}":${i}`).join();
    for (const from of [0, 60, 120, 180])
      for (const body of [`{"a":"x",${names(from)}}`, `{${names(from)},"a":"y"}`])
        expect([null, 'equal']).to.include(told(body)?.outcome ?? null);
    expect(told('{"a":"x","b":1,"c":2}')?.outcome).to.equal('equal');
    // Those of a whole number of names are known again.
    expect(told(`{"a":"x",${names(500)}}`) ?? told(`{"a":"x",${names(500)}}`)).to.deep.equal({ outcome: 'equal' });
  });

  it('asks for the ids that it does not know', () => {
    const rule = kit.object({ data: kit.list(kit.object({ _id: kit.ref('users') })) });
    const told = byText(rule, `{"data":[{"_id":"${oid(1)}"}]}`, `{"data":[{"_id":"${uuid(1)}"}]}`, { ids: NONE_KNOWN });
    expect(told).to.deep.equal({ outcome: 'needs_ids', wanted: [{ collection: 'users', id: uuid(1) }] });
  });
});
