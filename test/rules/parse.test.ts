import { expect } from 'chai';
import { compare, compileRule } from '../../src/rules/compile.ts';
import { ExactNumber, numberOf } from '../../src/rules/exact-number.ts';
import * as kit from '../../src/rules/kit.ts';
import { type ParseResult, parseJson } from '../../src/rules/parse.ts';
import { context } from '../support/comparing.ts';

const read = (text: string): ParseResult => parseJson(Buffer.from(text));
const outcome = (result: ParseResult): string => (result.ok ? 'ok' : result.failure);
const same = (first: string, second: string): boolean => {
  const [primary, twin] = [read(first), read(second)];
  if (!primary.ok || !twin.ok) throw new Error('not JSON');
  return compare(compileRule(kit.strict()), primary.value, twin.value, context()).outcome === 'equal';
};

describe('parseJson', () => {
  describe('names what it cannot read, and never throws', () => {
    const bodies: readonly (readonly [string, Uint8Array, string])[] = [
      ['nothing', Buffer.alloc(0), 'bad_json'],
      ['half a body', Buffer.from('{"a":'), 'bad_json'],
      ['two bodies', Buffer.from('{}{}'), 'bad_json'],
      ['NaN', Buffer.from('[NaN]'), 'bad_json'],
      ['a cut UTF-8 sequence', Buffer.from([0x22, 0xd0, 0x22]), 'bad_utf8'],
      ['an overlong UTF-8 sequence', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'bad_utf8'],
      ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'bad_utf8'],
      ['latin1', Buffer.from('"é"', 'latin1'), 'bad_utf8'],
      ['arrays 201 deep', Buffer.from('['.repeat(201) + ']'.repeat(201)), 'too_deep'],
      ['objects 10,000 deep', Buffer.from('{"a":'.repeat(10_000) + 1 + '}'.repeat(10_000)), 'too_deep'],
      ['arrays 1,000,000 deep', Buffer.from('['.repeat(1_000_000) + ']'.repeat(1_000_000)), 'too_deep'],
      [
        'a deep one beside many shallow ones',
        Buffer.from(`[${'[],'.repeat(999)}${'['.repeat(300)}${']'.repeat(300)}]`),
        'too_deep',
      ],
      ['arrays 200 deep', Buffer.from('['.repeat(200) + ']'.repeat(200)), 'ok'],
      ['an escaped lone surrogate', Buffer.from('"\\ud800"'), 'ok'],
      ['non-ASCII text', Buffer.from('"سارا 🚲"'), 'ok'],
    ];
    for (const [what, bytes, expected] of bodies) {
      it(`${what}: ${expected}`, () => {
        expect(outcome(parseJson(bytes))).to.equal(expected);
      });
    }

    it('says nothing of the body in the detail', () => {
      const result = read('{"password":"hunter2"');
      expect(result.ok ? '' : result.detail).not.to.contain('hunter2');
    });
  });

  it('takes __proto__ and constructor for plain data', () => {
    const result = read('{"__proto__":{"polluted":true},"constructor":1}');
    expect(result.ok && Object.keys(Object(result.value))).to.deep.equal(['__proto__', 'constructor']);
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });

  it('lets the last of duplicate keys win', () => {
    expect(same('{"a":1,"a":2}', '{"a":2}')).to.equal(true);
  });

  it('reads a view into a larger buffer', () => {
    const result = parseJson(new Uint8Array(Buffer.from('xx[1]yy')).subarray(2, 5));
    expect(result).to.deep.equal({ ok: true, value: [1] });
  });

  describe('numbers are what their literals say', () => {
    const pairs: readonly (readonly [string, string, boolean])[] = [
      ['1e2', '100', true],
      ['100', '100.0', true],
      ['1E+2', '100.00', true],
      ['-0', '0', true],
      ['1e-7', '0.0000001', true],
      ['9007199254740993', '9007199254740992', false],
      ['9007199254740993', '9007199254740993', true],
      ['9007199254740993', '9007199254740993.0', true],
      ['9007199254740993', '9007199254740994', false],
      ['-9007199254740993', '-9007199254740992', false],
      ['0.1000000000000000055511151231257827', '0.1', false],
      ['0.1000000000000000000000000', '0.1', true],
      ['0.30000000000000004', '0.3', false],
      ['123456789.123456789', '123456789.12345679', false],
      ['1e400', '1e500', false],
      ['1e400', '10e399', true],
      ['-1e400', '1e400', false],
      ['1e-400', '0', false],
      ['1e-400', '2e-400', false],
      ['1e99999', '1e88888', false],
      ['0.0000000000000001', '1e-16', true],
      ['12345678901234567890', '12345678901234567000', false],
    ];
    for (const [first, second, equal] of pairs) {
      for (const wrap of [(n: string) => n, (n: string) => `[${n}]`, (n: string) => `{"a": ${n} ,"b":"x"}`]) {
        it(`${wrap(first)} ${equal ? 'equals' : 'differs from'} ${wrap(second)}`, () => {
          expect(same(wrap(first), wrap(second))).to.equal(equal);
          expect(same(wrap(second), wrap(first))).to.equal(equal);
        });
      }
    }

    it('finds a long literal at every offset in the body, and of every alignment and length of body', () => {
      for (const literal of [
        '9007199254740993',
        '0.1000000000000000055',
        '123456789.123456789',
        '1234567890123456.5',
        '-12345678.901234567',
      ]) {
        for (let pad = 0; pad < 40; pad++) {
          for (const tail of ['', ',1', ',"yyyyyyyyyyyyyyyy"']) {
            const text = `["${'x'.repeat(pad)}",${literal}${tail}]`;
            for (let shift = 0; shift < 4; shift++) {
              const result = parseJson(Buffer.from(' '.repeat(shift) + text).subarray(shift));
              const found = result.ok && Array.isArray(result.value) && result.value[1] instanceof ExactNumber;
              expect(found, `${shift} ${text}`).to.equal(numberOf(literal) instanceof ExactNumber);
            }
          }
        }
        expect(outcome(read(literal))).to.equal('ok');
        expect(same(literal, String(Number(literal)))).to.equal(!(numberOf(literal) instanceof ExactNumber));
      }
    });

    it('leaves digits in strings alone', () => {
      expect(read('["9007199254740993", "a: 9007199254740993"]')).to.deep.equal({
        ok: true,
        value: ['9007199254740993', 'a: 9007199254740993'],
      });
    });

    it('is no object that looks like an exact number', () => {
      expect(same('[9007199254740993]', '[{"literal":"9007199254740993"}]')).to.equal(false);
      expect(same('[{"literal":"9007199254740993"}]', '[9007199254740993]')).to.equal(false);
    });

    it('lets no rule lose the digits of a long number', () => {
      for (const rule of [
        kit.number(),
        kit.strict(),
        kit.jsonb(),
        kit.text(),
        kit.bool(),
        kit.instant(),
        kit.ref('x'),
      ]) {
        const value = (text: string) => {
          const result = read(text);
          return result.ok ? result.value : null;
        };
        const [primary, twin] = [value('9007199254740993'), value('9007199254740992')];
        expect(compare(compileRule(rule), primary, twin, context()).outcome, rule.rule).to.equal('differs');
        expect(compare(compileRule(rule), primary, primary, context()).outcome, rule.rule).to.equal('equal');
      }
    });
  });
});
