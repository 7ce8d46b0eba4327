import { expect } from 'chai';
import fc from 'fast-check';
import {
  canonicalDecimal,
  decimalText,
  deltaInUnits,
  parseDecimal,
  roundTo,
  sameDecimal,
  withinHalfUnit,
} from '../../src/rules/decimal.ts';

const decimal = (text: string) => parseDecimal(text) ?? expect.fail(`${text} is no decimal`);

describe('decimals', () => {
  it('refuse what is no decimal', () => {
    for (const text of [
      '',
      ' 1',
      '1 ',
      '1,5',
      '0x10',
      '1e',
      '.',
      '-',
      '+',
      '1..2',
      'nan',
      'inf',
      '1e5x',
      '1_000',
      '١',
    ]) {
      expect(parseDecimal(text), JSON.stringify(text)).to.equal(null);
    }
  });

  it('have one canonical text for each value', () => {
    const rows: readonly (readonly [string, string])[] = [
      ['1e2', '100'],
      ['100.0', '100'],
      ['+007.50', '7.5'],
      ['.5', '0.5'],
      ['-0.000', '0'],
      ['1E-3', '0.001'],
      ['NaN', 'NaN'],
      ['-Infinity', '-Infinity'],
      ['123.450000000000000000', '123.45'],
      ['1e60', '1e60'],
      ['10e59', '1e60'],
    ];
    for (const [text, canonical] of rows) expect(canonicalDecimal(text), text).to.equal(canonical);
  });

  it('round half away from zero, both signs alike', () => {
    const rows: readonly (readonly [string, number, bigint])[] = [
      ['10.005', 2, 1001n],
      ['-10.005', 2, -1001n],
      ['10.0049999999999999999999', 2, 1000n],
      ['2.5', 0, 3n],
      ['-2.5', 0, -3n],
      ['1', 18, 10n ** 18n],
    ];
    for (const [text, scale, digits] of rows) {
      const value = decimal(text);
      expect(typeof value === 'string' ? null : roundTo(value, scale), text).to.equal(digits);
    }
  });

  it('tell the delta in units of the scale', () => {
    expect(deltaInUnits(decimal('10.00'), decimal('10.01'), 2)).to.equal('1');
    expect(deltaInUnits(decimal('10'), decimal('9.995'), 2)).to.equal('-0.5');
    expect(deltaInUnits(decimal('NaN'), decimal('1'), 2)).to.equal('NaN');
  });

  it('lie within half a unit up to the half itself', () => {
    expect(withinHalfUnit(decimal('10.005'), decimal('10.01'), 2)).to.equal(true);
    expect(withinHalfUnit(decimal('10.0049'), decimal('10.01'), 2)).to.equal(false);
    expect(withinHalfUnit(decimal('NaN'), decimal('NaN'), 2)).to.equal(true);
    expect(withinHalfUnit(decimal('Infinity'), decimal('1'), 2)).to.equal(false);
  });

  it('keep their value through text, at any scale', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
        fc.integer({ min: 0, max: 38 }),
        (digits, scale) => {
          const back = decimal(decimalText(digits, scale));
          expect(sameDecimal(back, { digits, scale }, null)).to.equal(true);
          expect(canonicalDecimal(decimalText(digits, scale))).to.equal(canonicalDecimal(`${digits}e-${scale}`));
        },
      ),
      { seed: 20260528, numRuns: 500 },
    );
  });

  it('read a double by the digits that it prints', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (double) => {
        expect(Number(canonicalDecimal(String(double)))).to.equal(double === 0 ? 0 : double);
      }),
      { seed: 20260528, numRuns: 500 },
    );
  });
});
