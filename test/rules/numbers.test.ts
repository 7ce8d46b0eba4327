import { expect } from 'chai';
import { compare, compileRule } from '../../src/rules/compile.ts';
import * as kit from '../../src/rules/kit.ts';
import { parseJson } from '../../src/rules/parse.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { context, differencesOf } from '../support/comparing.ts';

const D400 = `1${'0'.repeat(398)}1`;
const D400_NEXT = `1${'0'.repeat(398)}2`;

interface Group {
  readonly value: string;
  /** What it is at two decimals; `far` values are themselves. */
  readonly cents: string;
  /** Values of one letter lie within 1e-9 of each other. */
  readonly near: string;
  readonly spellings: readonly string[];
}

const group = (value: string, cents: string, spellings: readonly string[], near = value): Group => ({
  value,
  cents,
  near,
  spellings: [value, ...spellings],
});

/** Numbers by value, each in spellings that JSON and every numeric rule must take for one. */
const NUMBERS: readonly Group[] = [
  group('0', '0', ['-0', '0.0', '-0.00', '0e400000000', '-0e-999', '0e0']),
  group('4.5', '4.5', ['4.50', '45e-1', '0.45e1', '4.5E+0']),
  group('-4.5', '-4.5', ['-45e-1']),
  group('1', '1', ['1.0', '10e-1']),
  group('16', '16', ['1.6e1']),
  group('1000', '1000', ['1e3', '1E3']),
  group('100000', '100000', ['1e5', '1e+5', '1e05']),
  group('1e999', '1e999', ['10e998', '0.1e1000', '1E+999']),
  group('-1e999', '-1e999', ['-10e998']),
  group('1e1000', '1e1000', []),
  group('1e400000000', '1e400000000', ['10e399999999', '0.01e400000002']),
  group('1e400000001', '1e400000001', []),
  group('1e99999999999999999999', '1e99999999999999999999', ['10e99999999999999999998']),
  group('1e-999', '0', ['10e-1000', '0.1e-998']),
  group('-1e-999', '0', []),
  group('1e-400000000', '0', ['10e-400000001']),
  group('5e-324', '0', ['50e-325', '0.5e-323']),
  group('1e-323', '0', ['10e-324']),
  group('2.2250738585072011e-308', '0', []),
  group('1.7976931348623157e308', 'max', ['17976931348623157e292'], 'max'),
  group('1.7976931348623159e308', 'over', ['17976931348623159e292'], 'max'),
  group(D400, 'D400', [`${D400}.0`, `${D400}0e-1`], 'D400'),
  group(D400_NEXT, 'D400_NEXT', [], 'D400'),
  group(`0.${D400}`, '0.1', [], '0.1'),
  group('9007199254740993', '9007199254740993', ['9007199254740993.0'], '2^53'),
  group('9007199254740992', '9007199254740992', ['9007199254740992.0'], '2^53'),
  group('0.1', '0.1', ['1e-1'], '0.1'),
  group('0.10000000000000001', '0.1', [], '0.1'),
];

/** Text that is no number, though some reader somewhere takes it for one. Equal to itself alone. */
const NO_NUMBERS = [
  ...[
    'NaN',
    'nan',
    'Infinity',
    '-Infinity',
    'inf',
    '-inf',
    '∞',
    'null',
    'true',
    '',
    ' ',
    '+',
    '-',
    '.',
    '--1',
    '1e',
    'e5',
  ],
  ...['1e5x', '1e5.5', '0x10', '0b1', '0o20', ' 1 ', '1 ', ' 1', '\t1', '1\n', '\u00a01', '1_000', '1,000', '1.000,00'],
  ...['١', '1٠٠٠', '１', '1.2.3', '1 000', '16n', '16f', '1/1', '4,5', '(4.5)', '$4.50', '1e 3', '1E+', '1^3'],
];

interface NumericRule {
  readonly name: string;
  readonly rule: Rule;
  /** Are numbers of two groups the same by this rule? */
  same(a: Group, b: Group): boolean;
  /** Is text taken for the number that it spells? */
  readonly reads: 'numbers' | 'numbers and text' | 'text as it stands';
  readonly cell?: boolean;
}

const byValue = (a: Group, b: Group): boolean => a.value === b.value;
const byCents = (a: Group, b: Group): boolean => a.cents === b.cents;
/** Half a cent lies between none of these groups, so that a sum is the same where it rounds to the same. */
const byNear = (a: Group, b: Group): boolean => a.near === b.near && a.near !== '0';

const RULES: readonly NumericRule[] = [
  { name: 'strict', rule: kit.strict(), same: byValue, reads: 'numbers' },
  { name: 'number', rule: kit.number(), same: byValue, reads: 'numbers' },
  { name: 'jsonb', rule: kit.jsonb(), same: byValue, reads: 'numbers' },
  { name: 'baseUnits', rule: kit.baseUnits(), same: byValue, reads: 'numbers' },
  { name: 'ratio', rule: kit.ratio(), same: (a, b) => byValue(a, b) || byNear(a, b), reads: 'numbers' },
  { name: 'ratio of no tolerance', rule: kit.ratio(0), same: byValue, reads: 'numbers' },
  { name: 'money at scale 2', rule: kit.money({ scale: 2 }), same: byCents, reads: 'numbers and text' },
  { name: 'money in USD', rule: kit.money({ currency: 'USD' }), same: byCents, reads: 'numbers and text' },
  { name: 'money of no known currency', rule: kit.money('currency'), same: byValue, reads: 'numbers and text' },
  { name: 'aggregateMoney', rule: kit.aggregateMoney({ scale: 2 }), same: byCents, reads: 'numbers and text' },
  { name: 'number in a cell', rule: kit.number(), same: byValue, reads: 'numbers and text', cell: true },
  {
    name: 'ratio in a cell',
    rule: kit.ratio(),
    same: (a, b) => byValue(a, b) || byNear(a, b),
    reads: 'numbers and text',
    cell: true,
  },
  { name: 'money in a cell', rule: kit.money({ scale: 2 }), same: byCents, reads: 'numbers and text', cell: true },
  { name: 'baseUnits in a cell', rule: kit.baseUnits(), same: byValue, reads: 'text as it stands', cell: true },
];

type Form = 'number' | 'string';

function valueFrom(text: string, form: Form): JsonValue {
  const parsed = parseJson(Buffer.from(form === 'number' ? text : JSON.stringify(text)));
  if (!parsed.ok) throw new Error(`${text} is not JSON`);
  return parsed.value;
}

const quoted = (text: string): string => `v\r\n"${text.replaceAll('"', '""')}"\r\n`;

/** Do both sides mean the same, and does whoever looks from the twin's side say so too? */
function agree({ rule, cell }: NumericRule, primary: [string, Form], twin: [string, Form]): boolean {
  const compiled = compileRule(cell === true ? kit.csv({ v: rule }) : rule);
  const [mine, its] =
    cell === true
      ? [quoted(primary[0]), quoted(twin[0])]
      : [valueFrom(primary[0], primary[1]), valueFrom(twin[0], twin[1])];
  const there = differencesOf(compare(compiled, mine, its, context()));
  const back = differencesOf(compare(compiled, its, mine, context()));
  const what = `${primary.join(' ')} / ${twin.join(' ')}`;
  expect(there.length, `the same from both sides: ${what}`).to.equal(back.length);
  for (const { measure } of there) {
    if (measure.of === 'number')
      expect(measure.delta, what)
        .to.match(/^(-?\d|NaN$)/)
        .and.not.equal('0');
  }
  // Equal values have one meaning, which lists are lined up by.
  if (there.length === 0) {
    const list = compileRule(kit.set(rule));
    if (cell !== true)
      expect(compare(list, [mine, 'x'], ['x', its], context()).outcome, `in a set: ${what}`).to.equal('equal');
  }
  return there.length === 0;
}

describe('numbers at the edge of what is one', () => {
  for (const one of RULES) {
    const forms: readonly Form[] = one.cell === true ? ['string'] : ['number', 'string'];
    const sameForms = (a: Form, b: Form, texts: readonly [string, string], same: boolean): boolean => {
      if (one.reads === 'numbers and text') return same;
      return a === 'number' && b === 'number' ? same : a === b && texts[0] === texts[1];
    };

    it(`${one.name}: every number against every other, as number and as text`, () => {
      for (const [i, a] of NUMBERS.entries()) {
        for (const b of NUMBERS.slice(i)) {
          const spellings = a === b ? b.spellings : b.spellings.slice(0, 1);
          for (const twin of spellings) {
            for (const [formA, formB] of forms.flatMap((x) => forms.map((y) => [x, y] as const))) {
              const expected = sameForms(formA, formB, [a.value, twin], one.same(a, b));
              expect(agree(one, [a.value, formA], [twin, formB]), `${a.value} ${formA}, ${twin} ${formB}`).to.equal(
                expected,
              );
            }
          }
        }
      }
    });

    it(`${one.name}: what is no number equals itself alone`, () => {
      for (const text of NO_NUMBERS) {
        for (const other of NO_NUMBERS)
          expect(agree(one, [text, 'string'], [other, 'string']), `${text} / ${other}`).to.equal(text === other);
        for (const { value } of NUMBERS) {
          for (const form of forms)
            expect(agree(one, [text, 'string'], [value, form]), `${text} / ${value} ${form}`).to.equal(false);
        }
      }
    });
  }

  it('a delta is 0 only between equals, and is told for the far ones too', () => {
    const delta = (rule: Rule, a: string, b: string): string => {
      const [found] = differencesOf(
        compare(compileRule(rule), valueFrom(a, 'number'), valueFrom(b, 'number'), context()),
      );
      return found?.measure.of === 'number' ? found.measure.delta : `${found?.measure.of}`;
    };
    expect(delta(kit.number(), '0.1', '0.10000000000000001')).to.equal('0.00000000000000001');
    expect(delta(kit.number(), '9007199254740992', '9007199254740993')).to.equal('1');
    expect(delta(kit.ratio(), '4.5', '1e999')).to.equal('1e999');
    expect(delta(kit.ratio(), '1e999', '4.5')).to.equal('-1e999');
    expect(delta(kit.number(), '0', '1e-400000000')).to.equal('1e-400000000');
    expect(delta(kit.money({ scale: 2 }), '1e400000000', '0')).to.equal('-1e400000002');
    expect(delta(kit.number(), D400, D400_NEXT)).to.equal('1');
  });

  it('a body full of far exponents costs no more than its text', () => {
    const far = Array.from({ length: 20_000 }, (_, i) => `${i}e-${6_900 + (i % 99)}`);
    const rule = compileRule(kit.list(kit.money({ scale: 2 })));
    const [mine, its] = [far.map((text) => valueFrom(text, 'string')), far.map(() => '0')];
    expect(compare(rule, mine, its, context()).outcome).to.equal('equal');
  });
});
