import { expect } from 'chai';
import { ShadowError } from '../../src/errors.ts';
import { parseCsv } from '../../src/rules/engine/csv.ts';
import * as kit from '../../src/rules/kit.ts';
import { compared, NONE_KNOWN, oid, said, uuid } from '../support/comparing.ts';

describe('CSV', () => {
  const columns = {
    _id: kit.ref('payments'),
    amount: kit.money('currency'),
    n: kit.number(),
    at: kit.nullable(kit.instant()),
  };
  const rule = kit.csv(columns, { kind: 'total' }, '_id');
  const table = (...rows: string[]): string => ['_id,amount,currency,n,at,note', ...rows].join('\r\n');
  const mine = (n: number, rest = '10.5,USD,1,2026-01-01T00:00:00.000Z,"a ""quoted"", note"'): string =>
    `${oid(n)},${rest}`;
  const its = (n: number, rest = '10.500000,USD,1.0,2026-01-01T00:00:00Z,"a ""quoted"", note"'): string =>
    `${uuid(n)},${rest}`;

  it('is read as RFC 4180 has it', () => {
    expect(parseCsv('a,b\r\n"1, ""x""","2\n3"\n,\n')).to.deep.equal([
      ['a', 'b'],
      ['1, "x"', '2\n3'],
      ['', ''],
    ]);
    expect(parseCsv('a')).to.deep.equal([['a']]);
    expect(parseCsv('a,')).to.deep.equal([['a', '']]);
    expect(parseCsv('')).to.deep.equal([]);
    expect(parseCsv('a\n\nb')).to.deep.equal([['a'], [''], ['b']]);
    for (const broken of ['"a', '"a"b', 'a\n"']) expect(parseCsv(broken), broken).to.equal(null);
  });

  it('applies the columns’ rules to the text of the cells', () => {
    expect(said(compared(rule, table(mine(1), mine(2)), table(its(1), its(2))))).to.deep.equal([]);
    expect(
      said(compared(rule, table(mine(1)), table(its(1, '10.51,USD,1,2026-01-01T00:00:00Z,"a ""quoted"", note"')))),
    ).to.deep.equal(['/0/amount value']);
    expect(said(compared(rule, table(mine(1)), table(its(2))))).to.deep.equal(['/0/_id value']);
    expect(
      said(compared(rule, table(mine(1)), table(its(1, '10.5,USD,2,2026-01-01T00:00:00Z,"a ""quoted"", note"')))),
    ).to.deep.equal(['/0/n value']);
  });

  it('compares a column that no rule names strictly', () => {
    expect(said(compared(rule, table(mine(1)), table(its(1, '10.5,USD,1,2026-01-01T00:00:00Z,a note'))))).to.deep.equal(
      ['/0/note value'],
    );
    expect(said(compared(rule, table(mine(1)), table(its(1, '10.5,USD,1,2026-01-01T00:00:00Z'))))).to.deep.equal([
      '/0/note missing',
    ]);
  });

  it('compares the header strictly', () => {
    const any = kit.csv({});
    expect(said(compared(any, 'a,b\n', 'b,a\n'))).to.have.lengthOf(2);
    expect(said(compared(any, 'a,b\n', 'a,B\n'))).to.deep.equal(['/header/1 value']);
    expect(said(compared(any, 'a,b\n', 'a\n'))).to.deep.equal(['/header/1 missing']);
    expect(said(compared(kit.csv({ b: kit.text() }), 'a,b\n', 'a\n'))).to.deep.equal(['/header/1 missing']);
  });

  it('says a lost row once, and rows in another order', () => {
    expect(said(compared(rule, table(mine(1), mine(2), mine(3)), table(its(1), its(3))))).to.deep.equal(['/1 missing']);
    expect(said(compared(rule, table(mine(1), mine(2)), table(its(2), its(1))))).to.have.lengthOf(1);
    const free = kit.csv(columns, { kind: 'free' }, '_id');
    expect(said(compared(free, table(mine(1), mine(2)), table(its(2), its(1))))).to.deep.equal([]);
    const keyed = kit.csv(columns, { kind: 'keyed', by: ['-at'] }, '_id');
    expect(said(compared(keyed, table(mine(1), mine(2)), table(its(2), its(1))))).to.deep.equal([]);
  });

  it('takes line ends for no difference, and broken quotes for one', () => {
    const any = kit.csv({});
    expect(said(compared(any, 'a,b\r\n1,2\r\n', 'a,b\n1,2'))).to.deep.equal([]);
    expect(said(compared(any, 'a\n1', 'a\n"1'))).to.deep.equal([' value']);
    expect(said(compared(any, 'a\n1', null))).to.deep.equal([' type']);
  });

  it('tells a column that no header names: its rule would be applied to nothing', () => {
    for (const name of ['Amount', 'amount ', 'amount;currency']) {
      const wrong = kit.csv({ [name]: kit.money('currency') });
      expect(() => compared(wrong, table(mine(1)), table(mine(1))), name).to.throw(ShadowError, `"${name}"`);
    }
    for (const optional of [kit.nullable(kit.text()), kit.secret(), kit.ignored('a test')]) {
      expect(said(compared(kit.csv({ other: optional }), table(mine(1)), table(mine(1))))).to.deep.equal([]);
    }
    expect(said(compared(rule, '', ''))).to.deep.equal([]);
  });

  it('reads names in quotes, after a byte order mark, and between any separator', () => {
    for (const separator of [';', '\t', '|', '^', '.', '\\', ']', '-']) {
      const separated = kit.csv({ id: kit.text(), n: kit.number() }, { kind: 'total' }, 'id', separator);
      const text = (n: string) => ['"id"', 'n'].join(separator).concat('\n', ['"a,b"', `"${n}"`].join(separator));
      expect(said(compared(separated, `\ufeff${text('1')}`, text('1'))), separator).to.deep.equal([]);
      expect(said(compared(separated, text('1'), text('2'))), separator).to.deep.equal(['/0/n value']);
    }
  });

  it('asks for the ids in its cells', () => {
    const result = compared(rule, table(mine(1), mine(2)), table(its(1), its(2)), { ids: NONE_KNOWN });
    expect(result.outcome === 'needs_ids' && result.wanted).to.have.lengthOf(2);
  });

  it('shows no secret column', () => {
    const secret = kit.csv({ token: kit.secret() });
    expect(said(compared(secret, 'a,token\n1,t', 'a,token\n1,t'))).to.deep.equal(['/0/token value']);
  });
});
