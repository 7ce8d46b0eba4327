/** Rules for a twin that says the same in another form: words of its own, lengths of time, minor units, ids of several collections. */
import { expect } from 'chai';
import { rulesDigest } from '../../src/rules/digest.ts';
import { ruleFrom } from '../../src/rules/inline.ts';
import * as kit from '../../src/rules/kit.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { entitiesAt } from '../../src/verifier/cause/entities.ts';
import { compared, differencesOf, oid, said, uuid } from '../support/comparing.ts';

/** The same rule in both languages. */
function both(rule: Rule, written: unknown): Rule {
  expect(ruleFrom(written, 'x')).to.deep.equal(rule);
  return rule;
}

type Row = readonly [primary: JsonValue, twin: JsonValue, same: boolean];

function holds(rule: Rule, rows: readonly Row[]): void {
  for (const [primary, twin, same] of rows) {
    const found = said(compared(rule, primary, twin));
    expect(found.length === 0, `${JSON.stringify(primary)} and ${JSON.stringify(twin)}: ${found}`).to.equal(same);
    const inField = said(compared(kit.object({ a: rule }), { a: primary }, { a: twin }));
    expect(inField.length === 0, 'in a field').to.equal(same);
    const inSet = said(compared(kit.set(rule), [primary, 'x'], ['x', twin]));
    expect(inSet.length === 0, `in a set: ${JSON.stringify(primary)} and ${JSON.stringify(twin)}`).to.equal(same);
  }
}

describe('words of which the twin has its own', () => {
  const words = { ACTIVE: 'active', CLOSED: 'done', '1': 'one', true: 'Y' };
  const rule = both(kit.enumOf(words), { enum: words });

  it('are the same in pairs, and no others', () => {
    holds(rule, [
      ['ACTIVE', 'active', true],
      ['CLOSED', 'done', true],
      [1, 'one', true],
      [true, 'Y', true],
      ['other', 'other', true],
      [null, null, true],
      ['ACTIVE', 'done', false],
      ['ACTIVE', 'ACTIVE', false],
      ['ACTIVE', 'Active', false],
      ['active', 'ACTIVE', false],
      ['toString', 'x', false],
      [false, 'Y', false],
      [null, 'active', false],
    ]);
  });

  it('that were numbered anew are told apart where a number is another one’s partner', () => {
    holds(both(kit.enumOf({ 1: 0, 2: 1 }), { enum: { 1: 0, 2: 1 } }), [
      [1, 0, true],
      [2, 1, true],
      [1, 1, false],
      [1, '0', false],
    ]);
  });

  it('are words in cells of a table too', () => {
    const table = kit.csv({ state: kit.enumOf({ OPEN: 1, SHUT: false }) });
    expect(said(compared(table, 'state\nOPEN\nSHUT\n', 'state\n1\nfalse\n'))).to.deep.equal([]);
    expect(said(compared(table, 'state\nOPEN\nSHUT\n', 'state\n1\n0\n'))).to.deep.equal(['/1/state value']);
  });

  it('are part of the digest, which those without partners are not', () => {
    const digest = (of: Rule) => rulesDigest(kit.comparator('x', of));
    expect(digest(kit.enumOf(['a']))).to.equal(digest(kit.text()));
    expect(digest(kit.enumOf({ a: 'b' }))).to.not.equal(digest(kit.text()));
    expect(digest(kit.enumOf({ a: 'b' }))).to.not.equal(digest(kit.enumOf({ a: 'c' })));
  });

  it('are refused where they are no words', () => {
    expect(() => ruleFrom({ enum: { A: null } }, 'x')).to.throw(/x\.enum\.A is no rule/);
    expect(() => ruleFrom({ enum: {} }, 'x')).to.throw(/x\.enum is no rule/);
  });
});

describe('lengths of time', () => {
  it('are the same in any form, to the last digit', () => {
    holds(both(kit.duration('seconds'), { duration: 'seconds' }), [
      ['PT1H', 3600, true],
      ['PT1H', '01:00:00', true],
      ['PT60M', 'PT1H', true],
      ['P1D', 'PT24H', true],
      ['P1W', '7 days', true],
      ['P1Y2M', '1 year 2 mons', true],
      ['P14M', 'P1Y2M', true],
      ['PT0.5S', 0.5, true],
      ['PT0,5S', '00:00:00.5', true],
      ['-PT30S', '-00:00:30', true],
      ['P1DT2H', '1 day 02:00:00', true],
      ['-P1DT2H', '-1 days -02:00:00', true],
      [90, 'PT1M30S', true],
      ['soon', 'soon', true],
      ['PT1H', 3601, false],
      ['PT1H', 'PT1H0.001S', false],
      ['P1M', 'P30D', false],
      ['P1M', 'PT1M', false],
      ['PT1H', '3600', false],
      ['PT', 'PT0S', false],
      ['P', 0, false],
      ['PT1H', null, false],
      [90, '90', false],
    ]);
  });

  it('may be counted by each side in its own unit', () => {
    const units = { primary: 'milliseconds', twin: 'seconds' } as const;
    holds(both(kit.duration(units), { duration: units }), [
      [1500, 1.5, true],
      [0, 0, true],
      [1500, 1500, false],
      [1500, 1.501, false],
      ['PT2S', 2, true],
    ]);
  });

  it('as texts alone leave numbers numbers, and are told by how much they differ', () => {
    holds(both(kit.duration(), 'duration'), [
      ['PT1H', 'PT60M', true],
      [3600, 3600, true],
      ['PT1H', 3600, false],
    ]);
    const [difference] = differencesOf(compared(kit.duration(), 'PT1H', 'PT59M'));
    expect(difference?.measure).to.deep.equal({ of: 'number', delta: '-60', unit: 's' });
    expect(() => ruleFrom({ duration: 'weeks' }, 'x')).to.throw(/x\.duration is no rule.*one of milliseconds/);
  });
});

describe('instants in forms of their own', () => {
  const at = '2026-03-29T00:59:59.123Z';
  const ms = Date.parse(at);

  it('are the same as a number in the unit of the side', () => {
    holds(both(kit.instant('seconds'), { instant: 'seconds' }), [
      [at, ms / 1000, true],
      ['2026-03-29T00:59:59Z', Math.floor(ms / 1000), true],
      ['2026-03-29T00:59:59Z', String(Math.floor(ms / 1000)), true],
      [at, Math.floor(ms / 1000), false],
      [at, ms, false],
      [null, 0, false],
      ['soon', 'soon', true],
    ]);
    const units = { primary: 'milliseconds', twin: 'microseconds' } as const;
    holds(both(kit.instant(units), { instant: units }), [
      [ms, ms * 1000 + 7, true],
      [ms, ms, false],
      [ms, at, true],
      [-1, -1, true],
      [-1, -1001, false],
    ]);
    const nanoseconds = both(kit.instant({ twin: 'nanoseconds' }), { instant: { twin: 'nanoseconds' } });
    holds(nanoseconds, [
      [at, `${ms}999999`, true],
      [at, `${ms}`, false],
    ]);
  });

  it('are the same as a date and time of a zone', () => {
    holds(both(kit.instant({ zone: 'UTC' }), { instant: { zone: 'UTC' } }), [
      [at, '2026-03-29 00:59:59.123456', true],
      ['2026-03-29T00:00:00.000Z', '2026-03-29', true],
      ['2026-03-29T00:00:00.000Z', '2026-03-28T23:00:00-01:00', true],
      ['2026-03-29T00:00:00.000Z', '2026-03-28', false],
      ['2026-02-30', '2026-02-30', true],
      ['2026-02-28T00:00:00Z', '2026-02-30', false],
      [0, '1970-01-01', false],
    ]);
    // The clocks there go forward at 01:00 UTC on this day.
    holds(both(kit.instant({ zone: 'Europe/Berlin' }), { instant: { zone: 'Europe/Berlin' } }), [
      [at, '2026-03-29 01:59:59.123', true],
      ['2026-03-29T01:00:00Z', '2026-03-29 03:00:00', true],
      ['2026-03-28T23:00:00Z', '2026-03-29', true],
      ['2026-07-01T00:00:00Z', '2026-07-01 01:00:00', false],
    ]);
    const offset = { twin: 'seconds', zone: '+05:30' } as const;
    holds(both(kit.instant(offset), { instant: offset }), [['2026-01-01 05:30', 1767225600, true]]);
  });

  it('are told by how far they are apart, are in the digest, and refused where nobody knows them', () => {
    const [difference] = differencesOf(compared(kit.instant('seconds'), at, Math.floor(ms / 1000)));
    expect(difference?.measure).to.deep.equal({ of: 'instant', shiftMs: -123 });
    const digest = (of: Rule) => rulesDigest(kit.comparator('x', of));
    expect(digest(kit.instant({}))).to.equal(digest(kit.instant()));
    expect(digest(kit.instant('seconds'))).to.not.equal(digest(kit.instant()));
    expect(digest(kit.instant({ zone: 'UTC' }))).to.not.equal(digest(kit.instant({ zone: '+01:00' })));
    expect(() => ruleFrom({ instant: 'weeks' }, 'x')).to.throw(/x\.instant is no rule.*one of seconds, milliseconds/);
    expect(() => ruleFrom({ instant: {} }, 'x')).to.throw(/x\.instant is no rule/);
    expect(() => ruleFrom({ instant: { twin: 'days' } }, 'x')).to.throw(/x\.instant\.twin is no rule/);
    expect(() => ruleFrom({ instant: { zone: 'Berlin' } }, 'x')).to.throw(/x\.instant\.zone is no rule.*IANA/);
    expect(() => ruleFrom({ instant: { tz: 'UTC' } }, 'x')).to.throw(/x\.instant\.tz is no rule/);
  });

  it('need no option where HTTP, a mail or .NET wrote them', () => {
    holds(both(kit.instant(), 'instant'), [
      ['2026-03-29T00:59:59.000Z', 'Sun, 29 Mar 2026 00:59:59 GMT', true],
      ['2026-03-29T00:59:59.000Z', 'Sun, 29 Mar 2026 02:59:59 +0200', true],
      [at, `/Date(${ms})/`, true],
      [at, `/Date(${ms}+0200)/`, true],
      [at, `/Date(${ms + 1})/`, false],
      ['2026-03-29T00:59:59.000Z', 'Sun, 29 Mar 2026 00:59:58 GMT', false],
      ['2026-02-28T00:00:00Z', 'Mon, 30 Feb 2026 00:00:00 GMT', false],
    ]);
  });
});

describe('numbers as texts', () => {
  it('are the same to the last digit', () => {
    holds(both(kit.number('decimal'), { number: 'decimal' }), [
      [5, '5', true],
      [5, '5.0', true],
      [4.5, { $numberDecimal: '4.50' }, true],
      ['7100000000000000001', '7100000000000000001', true],
      [5, '5.4', false],
      [5, '', false],
      [5, ' 5', false],
      [5, null, false],
      ['n/a', 'n/a', true],
    ]);
    const [difference] = differencesOf(compared(kit.number('decimal'), 5, '5.4'));
    expect(difference).to.include({ kind: 'value', rule: 'number' });
    expect(difference?.measure).to.deep.equal({ of: 'number', delta: '0.4', unit: '1' });
  });
});

describe('money in minor units', () => {
  it('is the same amount, and not a cent beside it', () => {
    holds(both(kit.money({ scale: 2, minor: 'primary' }), { money: { scale: 2, minor: 'primary' } }), [
      [1250, 12.5, true],
      [1250, '12.50', true],
      ['1250', { $numberDecimal: '12.50' }, true],
      [5, 0.05, true],
      [-5, '-0.05', true],
      [0, 0, true],
      [1250, 12.51, false],
      [1250, 1250, false],
      [1250, 125, false],
      [1250, -12.5, false],
      [1250, null, false],
      ['n/a', 'n/a', true],
    ]);
    holds(kit.money({ scale: 2, minor: 'twin' }), [
      [12.5, 1250, true],
      [12.51, 1250, false],
    ]);
  });

  it('has as many decimals as its currency', () => {
    const rule = kit.object({ c: kit.currency(), a: kit.money({ sibling: 'c', minor: 'primary' }) });
    both(rule, { object: { c: 'currency', a: { money: { sibling: 'c', minor: 'primary' } } } });
    const differs = (c: string, a: JsonValue, b: JsonValue) => said(compared(rule, { c, a }, { c, a: b }));
    expect(differs('EUR', 1250, 12.5)).to.deep.equal([]);
    expect(differs('JPY', 1250, 1250)).to.deep.equal([]);
    expect(differs('KWD', 1250, '1.250')).to.deep.equal([]);
    expect(differs('JPY', 1250, 12.5)).to.deep.equal(['/a value']);
    expect(differs('EUR', 1250, 1250)).to.deep.equal(['/a value']);
    expect(differs('???', 1250, 12.5)).to.deep.equal(['/a value']);
  });

  it('is told in units of its currency, and sums are within half a unit', () => {
    const [difference] = differencesOf(compared(kit.money({ currency: 'EUR', minor: 'primary' }), 1250, 12.51));
    expect(difference?.measure).to.deep.equal({ of: 'number', delta: '1', unit: 'EUR 1e-2' });
    const sum = kit.aggregateMoney({ scale: 2, minor: 'primary' });
    expect(said(compared(sum, 1250.4, 12.5))).to.deep.equal([]);
    expect(said(compared(sum, 1250.6, 12.5))).to.deep.equal([' value']);
    expect(said(compared(kit.set(sum), [1250.4, 7], [0.07, 12.5]))).to.deep.equal([]);
    expect(() => ruleFrom({ money: { scale: 2, minor: 'cents' } }, 'x')).to.throw(/x\.money\.minor is no rule/);
  });
});

describe('an id whose collection a field beside it names', () => {
  const owner = both(
    kit.object({ type: kit.text(), id: kit.ref({ by: 'type', of: { User: 'users', Team: 'teams' } }) }),
    {
      object: { type: 'text', id: { ref: { by: 'type', of: { User: 'users', Team: 'teams' } } } },
    },
  );
  const of = (type: string, id: string) => ({ type, id });

  it('is paired in that collection, and is strict in any other', () => {
    expect(said(compared(owner, of('User', oid(1)), of('User', uuid(1))))).to.deep.equal([]);
    expect(said(compared(owner, of('Team', oid(2)), of('Team', uuid(2))))).to.deep.equal([]);
    expect(said(compared(owner, of('User', oid(1)), of('User', uuid(2))))).to.deep.equal(['/id value']);
    expect(said(compared(owner, of('Bot', oid(1)), of('Bot', uuid(1))))).to.deep.equal(['/id value']);
    expect(said(compared(owner, of('Bot', 'b7'), of('Bot', 'b7')))).to.deep.equal([]);
    expect(
      said(
        compared(kit.set(owner), [of('User', oid(1)), of('Team', oid(2))], [of('Team', uuid(2)), of('User', uuid(1))]),
      ),
    ).to.deep.equal([]);
  });

  it('may be of several collections that have the same ids', () => {
    const pairs = new Map([
      ['users 7', 70],
      ['teams 7', 71],
    ]);
    const asked = {
      ids: {
        uuidOf: () => null,
        objectIdOf: () => null,
        relates: () => true,
        relate: (collection: string, primary: { text: string }, twin: { text: string }) =>
          String(pairs.get(`${collection} ${primary.text}`)) === twin.text ? ('same' as const) : ('different' as const),
      },
    };
    const rule = kit.list(
      kit.object({ kind: kit.number(), of: kit.ref({ by: 'kind', of: { 1: 'users', 2: 'teams' } }) }),
    );
    const rows = (a: number, b: number) => [
      { kind: 1, of: a },
      { kind: 2, of: b },
    ];
    expect(said(compared(rule, rows(7, 7), rows(70, 71), asked))).to.deep.equal([]);
    expect(said(compared(rule, rows(7, 7), rows(71, 70), asked))).to.deep.equal(['/0/of value', '/1/of value']);
  });

  it('names its entity to the search for the cause, and is refused where it cannot be one', () => {
    const named = entitiesAt(owner, of('Team', oid(2)), of('Team', uuid(3)), '/id');
    expect(named.map(({ collection, id }) => [collection, id])).to.deep.equal([
      ['teams', oid(2)],
      ['teams', uuid(3)],
    ]);
    expect(both(kit.ref({ by: 'type', of: ['users'] }), { ref: { by: 'type', of: ['users'] } }).rule).to.equal('refBy');
    expect(() => ruleFrom({ ref: { by: 'type' } }, 'x')).to.throw(/x\.ref\.of is no rule/);
    expect(() => ruleFrom({ ref: { of: ['a'] } }, 'x')).to.throw(/x\.ref\.by is no rule/);
  });
});

describe('money as it is printed', () => {
  it('is the same amount, whatever stands between and beside its digits', () => {
    holds(both(kit.money({ currency: 'EUR', printed: true }), { money: { currency: 'EUR', printed: true } }), [
      ['1.234,50 EUR', '1,234.50 EUR', true],
      ['1.234,50 €', '€1,234.50', true],
      ['1 234,50 €', 1234.5, true],
      ['1\u202f234,50\u00a0€', '1234.50', true],
      ["1'234.50 EUR", '1’234,50 EUR', true],
      ['12.34.567,00', '1234567', false],
      ['12,34,567.00', '1234567', true],
      ['1.234 EUR', '1234', true],
      ['1.234', 1.234, false],
      ['0.123', 0.12, true],
      ['-5,00 €', '(5.00)', true],
      ['−5,00 €', '5.00-', true],
      ['1.234,50 EUR', '1,234.51 EUR', false],
      ['1.234,50 EUR', '1,234.50 USD', false],
      ['1.234,50 EUR', '-1,234.50 EUR', false],
      ['1.23,4', '1.23,4', true],
      ["x('5')", 'x(5)', false],
      ['(5', '5', false],
      ['free', 'free', true],
      ['free', '0', false],
      ['5,00 €', null, false],
    ]);
    const cents = { currency: 'EUR', minor: 'twin', printed: true } as const;
    holds(both(kit.money(cents), { money: cents }), [
      ['12,50 €', 1250, true],
      ['12,50 €', 12.5, false],
    ]);
    const dinars = { currency: 'KWD', printed: true } as const;
    holds(both(kit.money(dinars), { money: dinars }), [['1.234 KWD', 1.234, true]]);
    const [difference] = differencesOf(
      compared(kit.money({ currency: 'EUR', printed: true }), '1.234,50 €', '1,234.00'),
    );
    expect(difference?.measure).to.deep.equal({ of: 'number', delta: '-50', unit: 'EUR 1e-2' });
    expect(() => ruleFrom({ money: { scale: 2, printed: 'yes' } }, 'x')).to.throw(/x\.money\.printed is no rule/);
  });
});
