import { Decimal128 } from 'bson';
import { expect } from 'chai';
import fc from 'fast-check';
import { add, divideDecimals, multiply, toDecimal } from '../../../src/stores/embedded/bson/arithmetic.ts';
import { Decimal } from '../../../src/stores/embedded/bson/decimal.ts';

function decimal(text: string): Decimal {
  return Decimal.fromBytes(Buffer.from(Decimal128.fromString(text).bytes));
}

function text(value: unknown): string {
  return value instanceof Decimal ? value.toString() : `no decimal: ${String(value)}`;
}

type Case = readonly [one: string, two: string, result: string];

// As IEEE 754-2008 and the General Decimal Arithmetic Specification (speleotrove.com/decimal) have them.
const SUMS: readonly Case[] = [
  ['12', '7.00', '19.00'],
  ['1E+2', '1E+4', '1.01E+4'],
  ['0.1', '0.2', '0.3'],
  ['1.30', '-1.30', '0.00'],
  ['-0', '-0', '-0'],
  ['9999999999999999999999999999999999', '1', '1.000000000000000000000000000000000E+34'],
  ['9999999999999999999999999999999999', '0.5', '1.000000000000000000000000000000000E+34'],
  ['1000000000000000000000000000000000', '0.5', '1000000000000000000000000000000000'],
  ['Infinity', '-Infinity', 'NaN'],
  ['Infinity', '1', 'Infinity'],
];
const PRODUCTS: readonly Case[] = [
  ['1.20', '3', '3.60'],
  ['0.9', '-0', '-0.0'],
  ['654321', '654321', '428135971041'],
  ['9.99999999999999999', '9.99999999999999999', '99.99999999999999980000000000000000'],
  ['Infinity', '0', 'NaN'],
  ['1E+6000', '1E+6000', 'Infinity'],
  ['1E-6000', '1E-6000', '0E-6176'],
];
const QUOTIENTS: readonly Case[] = [
  ['1', '3', '0.3333333333333333333333333333333333'],
  ['2', '3', '0.6666666666666666666666666666666667'],
  ['5', '2', '2.5'],
  ['1', '10', '0.1'],
  ['12', '12', '1'],
  ['8.00', '2', '4.00'],
  ['2.400', '2.0', '1.20'],
  ['1000', '100', '10'],
  ['1000', '1', '1000'],
  ['2.40E+6', '2', '1.20E+6'],
  ['1', '0', 'Infinity'],
  ['0', '0', 'NaN'],
  ['1', 'Infinity', '0E-6176'],
];

describe('stores/embedded decimals', () => {
  for (const [one, two, result] of SUMS) {
    it(`${one} + ${two} = ${result}`, () => expect(text(add(decimal(one), decimal(two)))).to.equal(result));
  }
  for (const [one, two, result] of PRODUCTS) {
    it(`${one} * ${two} = ${result}`, () => expect(text(multiply(decimal(one), decimal(two)))).to.equal(result));
  }
  for (const [one, two, result] of QUOTIENTS) {
    it(`${one} / ${two} = ${result}`, () => expect(text(divideDecimals(decimal(one), decimal(two)))).to.equal(result));
  }

  it('a double becomes the decimal of its first fifteen digits', () => {
    const texts = [0.1, 2.5, 1e22, 2 ** 53, -0].map((value) => toDecimal(value).toString());
    expect(texts).to.deep.equal([
      '0.100000000000000',
      '2.50000000000000',
      '1.00000000000000E+22',
      '9.00719925474099E+15',
      '-0',
    ]);
  });

  it('the bytes and the text are those of the package bson', () => {
    const finite = fc
      .tuple(fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }), fc.integer({ min: -6176, max: 6111 }))
      .map(([coefficient, exponent]) => `${coefficient}E${exponent}`);
    fc.assert(
      fc.property(finite, (written) => {
        const theirs = Decimal128.fromString(written);
        const ours = decimal(written);
        expect(ours.toString()).to.equal(theirs.toString());
        expect(ours.toBytes().equals(Buffer.from(theirs.bytes))).to.equal(true);
      }),
    );
  });
});
