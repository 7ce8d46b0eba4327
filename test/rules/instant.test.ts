import { expect } from 'chai';
import fc from 'fast-check';
import { parseCanonicalInstant, parseInstant } from '../../src/rules/instant.ts';

describe('instants', () => {
  it('are the same millisecond in every ISO 8601 spelling', () => {
    const at = Date.UTC(2026, 2, 29, 1, 59, 59, 123);
    for (const text of [
      '2026-03-29T01:59:59.123Z',
      '2026-03-29T01:59:59.123+00:00',
      '2026-03-29T01:59:59.123-00:00',
      '2026-03-29T01:59:59.123+00',
      '2026-03-29T02:59:59.123+0100',
      '2026-03-28T20:29:59.123-05:30',
      '2026-03-29T01:59:59.123999Z',
      '2026-03-29T01:59:59,123Z',
      '+002026-03-29T01:59:59.123Z',
      '2026-03-29 01:59:59.123+00',
      '2026-03-29 01:59:59.123456+00',
      '2026-03-29 07:29:59.123+05:30',
      '2026-03-29 01:59:59.123Z',
    ]) {
      expect(parseInstant(text), text).to.equal(at);
    }
    expect(parseInstant('2026-03-29T01:59Z')).to.equal(Date.UTC(2026, 2, 29, 1, 59));
    expect(parseInstant('0099-01-01T00:00:00.5Z')).to.equal(new Date('0099-01-01T00:00:00.500Z').getTime());
  });

  it('are not: a bare date, a local time, a date that does not exist', () => {
    for (const text of [
      '2026-03-29',
      '2026-03-29T01:59:59',
      '2026-03-29 01:59:59',
      '2026-03-29  01:59:59Z',
      '2026-03-29_01:59:59Z',
      '2026-03-29t01:59:59z',
      '2026-03-29 01:59:59 UTC',
      '2026-02-29T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-00-01T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:60:00Z',
      ' 2026-01-01T00:00:00Z',
      '1774749599123',
      '',
    ]) {
      expect(parseInstant(text), text).to.equal(null);
    }
  });

  it('are read alike by the fast way and the slow one', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0001-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(parseCanonicalInstant(date.toISOString())).to.equal(date.getTime());
          expect(parseInstant(date.toISOString())).to.equal(date.getTime());
        },
      ),
      { seed: 20260528, numRuns: 1_000 },
    );
    for (const text of [
      '2026-02-29T00:00:00.000Z',
      '2026-01-01T00:00:00.00:Z',
      '2026-01-01T24:00:00.000Z',
      '20x6-01-01T00:00:00.000Z',
    ]) {
      expect(parseCanonicalInstant(text), text).to.deep.equal(Number.NaN);
    }
  });
});
