import { expect } from 'chai';
import { type ComparedAnswer, compareAnswers } from '../../src/rules/answers.ts';
import { compileComparator } from '../../src/rules/compile.ts';
import { isFatal } from '../../src/rules/fatal.ts';
import { COMPARED_HEADERS, headerOf } from '../../src/rules/headers.ts';
import * as kit from '../../src/rules/kit.ts';
import { type Asked, context, differencesOf, NONE_KNOWN, oid, said, uuid } from '../support/comparing.ts';

const compiled = compileComparator(
  kit.comparator('users.one', kit.object({ _id: kit.ref('users'), name: kit.text() }), { headers: ['X-Total-Count'] }),
);
const JSON_TYPE = 'application/json; charset=utf-8';
const answer = (
  status: number,
  body: ComparedAnswer['body'],
  headers: Readonly<Record<string, string>> = {},
): ComparedAnswer => ({
  status,
  body,
  rawHeaders: Object.entries({ 'Content-Type': JSON_TYPE, ...headers }).flat(),
});
const mine = (headers: Readonly<Record<string, string>> = {}) => answer(200, { _id: oid(1), name: 'a' }, headers);
const its = (headers: Readonly<Record<string, string>> = {}) => answer(200, { _id: uuid(1), name: 'a' }, headers);
const check = (primary: ComparedAnswer, twin: ComparedAnswer, asked: Asked = {}): string[] =>
  said(compareAnswers(compiled, primary, twin, context(asked)));
const error = (code: string) => ({ error: { code, message: 'no' } });

describe('status', () => {
  it('another class is reported alone, because the bodies are of two kinds', () => {
    expect(check(mine(), answer(404, error('not_found')))).to.deep.equal(['#status status']);
    expect(check(answer(404, error('not_found')), its())).to.deep.equal(['#status status']);
  });

  it('another code of the same class is reported beside the body', () => {
    expect(check(mine(), { ...its(), status: 206 })).to.deep.equal(['#status status']);
    expect(check(answer(400, error('invalid_id')), answer(404, error('not_found')))).to.deep.equal([
      '#status status',
      '/error/code value',
    ]);
    expect(check(answer(403, error('forbidden')), answer(403, error('forbidden')))).to.deep.equal([]);
  });

  it('has the codes as its measure', () => {
    const [found] = differencesOf(compareAnswers(compiled, mine(), answer(404, null), context()));
    expect(found?.measure).to.deep.equal({ of: 'status', statuses: [200, 404] });
    expect(found !== undefined && isFatal(found)).to.equal(false);
  });
});

describe('header fields', () => {
  type HeaderRow = readonly [field: string, primary: string | null, twin: string | null, same: boolean];
  const rows: readonly HeaderRow[] = [
    ['Content-Type', JSON_TYPE, 'Application/JSON;charset="UTF-8"', true],
    ['Content-Type', 'text/csv; header=present; charset=utf-8', 'text/csv; charset=utf-8; header=present', true],
    ['Content-Type', JSON_TYPE, 'application/json', true],
    ['Content-Type', 'text/html', 'text/html; charset=utf-8', false],
    ['Content-Type', JSON_TYPE, 'text/html; charset=utf-8', false],
    ['Content-Type', JSON_TYPE, 'application/json; charset=latin1', false],
    ['Cache-Control', 'private, max-age=60', 'Max-Age=60 , Private', true],
    ['Cache-Control', 'private, max-age=60', 'private, max-age=61', false],
    ['Cache-Control', 'no-store', null, false],
    ['Content-Disposition', 'attachment; filename="a b.csv"', 'Attachment; filename="a b.csv"', true],
    ['Content-Disposition', 'attachment; filename=a.csv', 'attachment; filename="a.csv"', true],
    ['Content-Disposition', 'attachment; filename="a;b.csv"', 'attachment; filename="a;c.csv"', false],
    ['Content-Disposition', 'attachment; filename="a.csv"', 'attachment; filename="A.csv"', false],
    ['WWW-Authenticate', 'Bearer realm="a"', 'Bearer realm="b"', false],
    ['X-Total-Count', '5', '6', false],
    ['X-Total-Count', '5', '5', true],
    ['Date', 'a', 'b', true],
    ['ETag', '"a"', '"b"', true],
    ['Content-Length', '5', '6', true],
    ['X-Request-Id', 'a', null, true],
    ['Set-Cookie', 'a', 'b', true],
  ];
  for (const [field, primary, twin, same] of rows) {
    it(`${field}: ${primary} ${same ? 'equals' : 'differs from'} ${twin}`, () => {
      const with_ = (value: string | null) => (value === null ? {} : { [field]: value });
      expect(check(mine(with_(primary)), its(with_(twin)))).to.deep.equal(
        same ? [] : [`#header/${field.toLowerCase()} header`],
      );
    });
  }

  it('are found in any spelling and order, repeats joined', () => {
    expect(headerOf(['a', '1', 'CACHE-control', 'x', 'Cache-Control', 'y'], 'cache-control')).to.equal('x, y');
    expect(headerOf([], 'cache-control')).to.equal(null);
    expect(COMPARED_HEADERS).to.have.lengthOf(5);
  });
});

describe('Location', () => {
  const at = (path: string) => ({ Location: path });

  it('is the same URL where its ids are paired', () => {
    expect(
      check(mine(at(`/users/${oid(1)}?next=${oid(2)}`)), its(at(`/users/${uuid(1)}?next=${uuid(2)}`))),
    ).to.deep.equal([]);
    for (const wrong of [`/users/${uuid(2)}`, `/user/${uuid(1)}`, `/users/${uuid(1)}/`, `/users/${oid(2)}`]) {
      expect(check(mine(at(`/users/${oid(1)}`)), its(at(wrong))), wrong).to.deep.equal(['#header/location header']);
    }
  });

  it('asks for ids together with the body', () => {
    const result = compareAnswers(
      compiled,
      mine(at(`/users/${oid(2)}`)),
      its(at(`/users/${uuid(2)}`)),
      context({ ids: NONE_KNOWN }),
    );
    expect(result.outcome === 'needs_ids' && result.wanted.map(({ id }) => id).sort()).to.deep.equal([
      uuid(1),
      uuid(2),
    ]);
  });

  it('on the side itself is reported as a path', () => {
    const primary = { ...mine(at('http://primary:1/users/x')), origin: 'http://primary:1' };
    const twin = { ...its(at('http://twin:2/users/x')), origin: 'http://twin:2' };
    expect(check(primary, twin)).to.deep.equal([]);
    expect(check(primary, { ...twin, origin: 'http://twin' })).to.deep.equal(['#header/location header']);
  });
});

describe('the text of a redirect', () => {
  const to = (location: string, body: string, status = 302) =>
    answer(status, body, { 'Content-Type': 'text/html; charset=utf-8', Location: location });

  it('repeats Location, which is compared as a URL', () => {
    const express = (location: string, shown = location) => to(location, `<p>Found. Redirecting to ${shown}</p>`);
    expect(check(express(`/users/${oid(1)}`), express(`/users/${uuid(1)}`))).to.deep.equal([]);
    expect(
      check(
        express(`/u?a=1&id=${oid(1)}`, `/u?a=1&amp;id=${oid(1)}`),
        express(`/u?a=1&id=${uuid(1)}`, `/u?a=1&amp;id=${uuid(1)}`),
      ),
    ).to.deep.equal([]);
    const own = { ...express('http://primary:1/users/x'), origin: 'http://primary:1' };
    expect(check(own, { ...express('http://twin:2/users/x'), origin: 'http://twin:2' })).to.deep.equal([]);
  });

  it('is compared in all else, and Location with it', () => {
    expect(check(to('/x', 'Found. Redirecting to /x'), to('/x', 'See /x'))).to.deep.equal([' value']);
    expect(check(to('/x', 'Found. Redirecting to /x'), to('/x', ''))).to.deep.equal([' value']);
    expect(check(to(`/users/${oid(1)}`, oid(1)), to(`/users/${uuid(2)}`, uuid(2)))).to.include(
      '#header/location header',
    );
    expect(check(to('/x/1', 'at /x/1', 404), to('/x/2', 'at /x/2', 404))).to.include(' value');
  });
});

describe('bodies', () => {
  it('that are not there are compared too', () => {
    expect(check(answer(200, undefined), answer(200, undefined))).to.deep.equal([]);
    expect(check(mine(), answer(200, undefined))).to.deep.equal([' missing']);
    expect(check(answer(200, undefined), its())).to.deep.equal([' extra']);
  });

  it('are reported after status and fields', () => {
    const twin = answer(201, { _id: uuid(2), name: 'b' }, { 'Content-Type': 'text/plain' });
    expect(check(mine(), twin)).to.deep.equal([
      '#status status',
      '#header/content-type header',
      '/_id value',
      '/name value',
    ]);
  });
});

describe('what is fatal', () => {
  it('money, identity and secrets are; text and status are not', () => {
    const rules = ['money', 'aggregateMoney', 'baseUnits', 'ref', 'cursor', 'secret'];
    for (const rule of rules) expect(isFatal({ rule }), rule).to.equal(true);
    for (const rule of ['text', 'strict', 'list', 'instant', 'status', 'header', 'jsonb'])
      expect(isFatal({ rule }), rule).to.equal(false);
  });
});
