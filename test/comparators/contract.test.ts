import { expect } from 'chai';
import { type ComparedAnswer, compareAnswers } from '../../src/rules/answers.ts';
import { type CompiledComparator, compileComparator } from '../../src/rules/compile.ts';
import * as kit from '../../src/rules/kit.ts';
import { parseJson } from '../../src/rules/parse.ts';
import { context, oid, said, uuid } from '../support/comparing.ts';

/** The API's two lists, on a page of payments: what must never be reported, and what always must. */
const row = kit.object({
  _id: kit.ref('payments'),
  amount: kit.money('currency'),
  currency: kit.text(),
  wei: kit.baseUnits(),
  status: kit.text(),
  escrowed: kit.bool(),
  buyer: kit.object({ _id: kit.ref('users'), name: kit.text() }),
  offer: kit.object({ _id: kit.ref('selleroffers') }),
  tags: kit.set(kit.text()),
  steps: kit.list(kit.text()),
  note: kit.nullable(kit.text()),
  title: kit.text(),
  count: kit.number(),
  createdAt: kit.instant(),
  metadata: kit.nullable(kit.jsonb()),
  token: kit.secret(),
});
const pages = compileComparator(kit.comparator('payments', kit.page(row, ['-createdAt'], { sortParam: 'sort' })));
const cursors = compileComparator(kit.comparator('entries', kit.cursorPage(row, 'payments')));

type Body = { [key: string]: unknown };
const day = (n: number): string => `2026-05-${String(n).padStart(2, '0')}T10:00:00.000Z`;
const mineRow = (n: number, at: number): Body => ({
  _id: oid(n),
  amount: 10.5,
  currency: 'USD',
  wei: '9007199254740993',
  status: 'paid',
  escrowed: true,
  buyer: { _id: oid(100 + n), name: 'Zo\u00eb' },
  offer: null,
  tags: ['a', 'b'],
  steps: ['x', 'y', 'z'],
  title: ' a Title',
  count: 3,
  createdAt: day(at),
  metadata: { at: day(1), by: oid(7), n: { $numberDecimal: '1.50' }, plan: 'p', list: [1, 2] },
  __v: 2,
});
const itsRow = (n: number, at: number): Body => ({
  title: ' a Title',
  _id: uuid(n),
  amount: '10.500000000000000000',
  currency: 'USD',
  wei: '9007199254740993',
  status: 'paid',
  escrowed: true,
  buyer: { name: 'Zo\u00eb', _id: uuid(100 + n) },
  offer: null,
  tags: ['b', 'a'],
  steps: ['x', 'y', 'z'],
  note: null,
  count: 3,
  createdAt: day(at).replace('000Z', '000+00:00'),
  metadata: {
    by: { $oid: oid(7) },
    at: { $date: { $numberLong: String(Date.parse(day(1))) } },
    n: { $numberDecimal: '1.5' },
    list: [1, 2],
    plan: 'p',
  },
});
const primaryBody = (): Body => ({
  data: [mineRow(1, 9), mineRow(2, 8), mineRow(3, 8), mineRow(4, 7)],
  pagination: { page: 1, limit: 4, total: 9, pages: 3 },
});
const twinBody = (): Body => ({
  data: [itsRow(1, 9), itsRow(2, 8), itsRow(3, 8), itsRow(4, 7)],
  pagination: { pages: 3, page: 1, limit: 4, total: 9 },
});
const answer = (text: string, status = 200, type = 'application/json; charset=utf-8'): ComparedAnswer => {
  const parsed = parseJson(Buffer.from(text));
  if (!parsed.ok) throw new Error(parsed.detail);
  return { status, rawHeaders: ['Date', text, 'Content-Type', type, 'ETag', text], body: parsed.value };
};
const check = (compiled: CompiledComparator, primary: ComparedAnswer, twin: ComparedAnswer): string[] =>
  said(compareAnswers(compiled, primary, twin, context()));

type Change = (rows: Body[], body: Body) => void;
const at = (rows: Body[], i: number): Body => rows[i] ?? {};
const within = (rows: Body[], i: number, key: string): Body => Object(at(rows, i)[key]);
function changed(body: Body, change: Change): Body {
  const copy: Body = structuredClone(body);
  if (Array.isArray(copy.data)) change(copy.data, copy);
  return copy;
}
const sided = (change: Change) => ({
  onTwin: check(pages, answer(JSON.stringify(primaryBody())), answer(JSON.stringify(changed(twinBody(), change)))),
});

describe('never reported', () => {
  const never: Record<string, Change> = {
    'nothing changed': () => {},
    'keys in another order': (rows) =>
      rows.forEach((each, i) => {
        rows[i] = Object.fromEntries(Object.entries(each).reverse());
      }),
    'rows of equal sort keys in another order': (rows) => rows.splice(1, 2, at(rows, 2), at(rows, 1)),
    'an amount beyond the scale': (rows) => {
      at(rows, 0).amount = '10.503';
    },
    'an amount as a Decimal128': (rows) => {
      at(rows, 0).amount = { $numberDecimal: '10.50' };
    },
    'a set in another order': (rows) => {
      at(rows, 0).tags = ['a', 'b'];
    },
    microseconds: (rows) => {
      at(rows, 0).createdAt = day(9).replace('000Z', '000999Z');
    },
    'an instant in another zone': (rows) => {
      at(rows, 0).createdAt = day(9).replace('T10', 'T12').replace('Z', '+02:00');
    },
    'a nullable field absent': (rows) => {
      delete at(rows, 0).note;
    },
    'a version key': (rows) => {
      at(rows, 0).__v = 9;
    },
    'a number of the blob in another spelling': (rows) => {
      within(rows, 0, 'metadata').n = { $numberDecimal: '1.500' };
    },
    'a secret that is null': (rows) => {
      at(rows, 0).token = null;
    },
  };
  for (const [what, change] of Object.entries(never)) it(what, () => expect(sided(change).onTwin).to.deep.equal([]));

  it('white space, and numbers in another spelling', () => {
    const spaced = JSON.stringify(twinBody(), null, 3).replace('"count": 3', '"count": 3.0e0');
    expect(check(pages, answer(JSON.stringify(primaryBody())), answer(spaced))).to.deep.equal([]);
  });

  it('a cursor for the same position', () => {
    const cursor = (id: string) => Buffer.from(JSON.stringify({ k: day(7), id })).toString('base64url');
    const list = (data: unknown, id: string) => answer(JSON.stringify({ data, nextCursor: cursor(id) }));
    expect(check(cursors, list(primaryBody().data, oid(4)), list(twinBody().data, uuid(4)))).to.deep.equal([]);
  });
});

describe('always reported, and at the right place', () => {
  const always: Record<string, readonly [Change, string]> = {
    'a row lost': [(rows) => rows.splice(1, 1), '/data/1 missing'],
    'a row added': [(rows) => rows.push(itsRow(5, 6)), '/data/4 extra'],
    'a row shown twice': [(rows) => rows.splice(1, 0, at(rows, 0)), '/data/1 extra'],
    'a cent': [
      (rows) => {
        at(rows, 0).amount = '10.51';
      },
      '/data/0/amount value',
    ],
    'a base unit': [
      (rows) => {
        at(rows, 0).wei = '9007199254740992';
      },
      '/data/0/wei value',
    ],
    'another entity': [
      (rows) => {
        within(rows, 0, 'buyer')._id = uuid(3);
      },
      '/data/0/buyer/_id value',
    ],
    'an unknown entity': [
      (rows) => {
        within(rows, 0, 'buyer')._id = uuid(5_000);
      },
      '/data/0/buyer/_id value',
    ],
    'a reference that is gone on one side': [
      (rows) => {
        at(rows, 0).buyer = null;
      },
      '/data/0/buyer type',
    ],
    'a reference that came back': [
      (rows) => {
        at(rows, 0).offer = { _id: uuid(9) };
      },
      '/data/0/offer type',
    ],
    'a millisecond': [
      (rows) => {
        at(rows, 0).createdAt = day(9).replace('000Z', '001Z');
      },
      '/data/0/createdAt value',
    ],
    'a time zone': [
      (rows) => {
        at(rows, 0).createdAt = day(9).replace('Z', '+03:30');
      },
      '/data/0/createdAt value',
    ],
    'a status': [
      (rows) => {
        at(rows, 0).status = 'held';
      },
      '/data/0/status value',
    ],
    'a status in another case': [
      (rows) => {
        at(rows, 0).status = 'PAID';
      },
      '/data/0/status value',
    ],
    'a boolean': [
      (rows) => {
        at(rows, 0).escrowed = false;
      },
      '/data/0/escrowed value',
    ],
    'a boolean as text': [
      (rows) => {
        at(rows, 0).escrowed = 'true';
      },
      '/data/0/escrowed type',
    ],
    'a trimmed text': [
      (rows) => {
        at(rows, 0).title = 'a Title';
      },
      '/data/0/title value',
    ],
    'another Unicode form': [
      (rows) => {
        within(rows, 0, 'buyer').name = 'Zoe\u0308';
      },
      '/data/0/buyer/name value',
    ],
    'a number as text': [
      (rows) => {
        at(rows, 0).count = '3';
      },
      '/data/0/count type',
    ],
    'empty for null': [
      (rows) => {
        at(rows, 0).note = '';
      },
      '/data/0/note extra',
    ],
    'null for a field that is not nullable': [
      (rows) => {
        at(rows, 0).title = null;
      },
      '/data/0/title type',
    ],
    'absent for a field that is not nullable': [
      (rows) => {
        delete at(rows, 0).title;
      },
      '/data/0/title missing',
    ],
    'null for []': [
      (rows) => {
        at(rows, 0).tags = null;
      },
      '/data/0/tags type',
    ],
    'an element lost': [
      (rows) => {
        at(rows, 0).tags = ['a'];
      },
      '/data/0/tags/1 missing',
    ],
    'an element doubled': [
      (rows) => {
        at(rows, 0).tags = ['a', 'b', 'b'];
      },
      '/data/0/tags/2 extra',
    ],
    'an element moved where order counts': [
      (rows) => {
        at(rows, 0).steps = ['y', 'z', 'x'];
      },
      '/data/0/steps/0 order',
    ],
    'rows out of order': [(rows) => rows.splice(0, 2, at(rows, 1), at(rows, 0)), '/data/1 order'],
    'a wrong total': [
      (_rows, body) => {
        Object(body.pagination).total = 8;
      },
      '/pagination/total value',
    ],
    'a wrong page count': [
      (_rows, body) => {
        Object(body.pagination).pages = 2;
      },
      '/pagination/pages value',
    ],
    'a metadata key lost': [
      (rows) => {
        delete within(rows, 0, 'metadata').plan;
      },
      '/data/0/metadata/plan missing',
    ],
    'a metadata key added': [
      (rows) => {
        within(rows, 0, 'metadata').more = null;
      },
      '/data/0/metadata/more extra',
    ],
    'a metadata value retyped': [
      (rows) => {
        within(rows, 0, 'metadata').list = ['1', 2];
      },
      '/data/0/metadata/list/0 type',
    ],
    'an ObjectId of the blob': [
      (rows) => {
        within(rows, 0, 'metadata').by = { $oid: oid(8) };
      },
      '/data/0/metadata/by type',
    ],
    'a field that no rule names': [
      (rows) => {
        at(rows, 0).passwordHash = 'x';
      },
      '/data/0/passwordHash extra',
    ],
    'a secret': [
      (rows) => {
        at(rows, 0).token = 'x';
      },
      '/data/0/token extra',
    ],
  };
  for (const [what, [change, found]] of Object.entries(always)) {
    it(what, () => expect(sided(change).onTwin).to.deep.equal([found]));
  }

  it('precision lost past 2^53', () => {
    const mine = JSON.stringify(primaryBody()).replace('"count":3', '"count":9007199254740993');
    const its = JSON.stringify(twinBody()).replace('"count":3', '"count":9007199254740992');
    expect(check(pages, answer(mine), answer(its))).to.deep.equal(['/data/0/count value']);
  });

  it('another status, content type or error code', () => {
    const [mine, its] = [JSON.stringify(primaryBody()), JSON.stringify(twinBody())];
    expect(check(pages, answer(mine), answer(its, 206))).to.deep.equal(['#status status']);
    expect(check(pages, answer(mine), answer(its, 200, 'text/plain'))).to.deep.equal(['#header/content-type header']);
    const error = (code: string) => answer(JSON.stringify({ error: { code, message: 'm' } }), 400);
    expect(check(pages, error('invalid_id'), error('invalid_query'))).to.deep.equal(['/error/code value']);
  });

  it('has-more: a cursor on one side only, or for another position', () => {
    const cursor = (id: string, k = day(7)) => Buffer.from(JSON.stringify({ k, id })).toString('base64url');
    const list = (data: unknown, next: string | null) => answer(JSON.stringify({ data, nextCursor: next }));
    const mine = list(primaryBody().data, cursor(oid(4)));
    expect(check(cursors, mine, list(twinBody().data, null))).to.deep.equal(['/nextCursor type']);
    expect(check(cursors, mine, list(twinBody().data, cursor(uuid(3))))).to.deep.equal(['/nextCursor value']);
    expect(check(cursors, mine, list(twinBody().data, cursor(uuid(4), day(6))))).to.deep.equal(['/nextCursor value']);
  });
});
