import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDocument, stringify } from 'yaml';
import { loadApiOf } from '../../../src/cli/api.ts';
import { loadConfig } from '../../../src/config.ts';
import { compare, compileRule } from '../../../src/rules/compile.ts';
import type { JsonObject } from '../../../src/rules/exact-number.ts';
import { ruleFrom } from '../../../src/rules/inline.ts';
import { wholeConfig } from '../../../src/service/whole-config.ts';
import { type Draft, draftOf } from '../../../src/traffic/learn/draft.ts';
import { Learner } from '../../../src/traffic/learn/learner.ts';
import { continueDocument } from '../../../src/traffic/learn/yaml-continue.ts';
import { newDocument } from '../../../src/traffic/learn/yaml-draft.ts';
import type { JsonValue } from '../../../src/types.ts';
import { ReadIds } from '../../../src/verifier/ids/known-ids.ts';
import { RelatedIds } from '../../../src/verifier/ids/related-ids.ts';
import { said } from '../../support/comparing.ts';

type Pair = readonly [primary: JsonObject, twin: JsonObject];

const hex = (n: number, kind = 'a'): string => kind + n.toString(16).padStart(23, '0');
const uuid = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`;
const cursor = (k: JsonValue, id: JsonValue): string => Buffer.from(JSON.stringify({ k, id })).toString('base64url');
const at = (n: number, end = 'Z'): string => `2026-01-01T00:00:${String(n % 60).padStart(2, '0')}${end}`;
const times = (n: number, make: (i: number) => Pair): readonly Pair[] => Array.from({ length: n }, (_, i) => make(i));

function learned(pairs: readonly Pair[], target = (i: number) => `/things/${hex(i, 'c')}`): Draft {
  const learner = new Learner();
  const answer = (body: JsonValue) => ({ status: 200, rawHeaders: ['Content-Type', 'application/json'], body });
  pairs.forEach(([primary, twin], i) => {
    const seen = { method: 'GET', target: target(i), caller: null, again: null } as const;
    learner.see({ ...seen, primary: answer(primary), twin: answer(twin) })?.keep();
  });
  return draftOf(learner);
}

const written = (draft: Draft) => newDocument(draft, { primary: 'http://a.test', twin: 'http://b.test:8080' });
const fieldsOf = (draft: Draft): unknown => written(draft).toJS().routes.entries[0].rules.body.object;
const strictOf = (draft: Draft) => draft.unexplained.map(({ path, forms, tooFew }) => ({ path, forms, tooFew }));

/** What the drafted rules say of pairs, one after the other, as a proxy would that knows no pair of ids yet. */
function verifierOf(draft: Draft): (pair: Pair) => string[] {
  const rule = compileRule(ruleFrom(written(draft).toJS().routes.entries[0].rules.body, 'body'));
  const kinds = draft.spaces.map(({ name, type }) => [name, { by: 'consistent', type }] as const);
  const related = new RelatedIds(Object.fromEntries(kinds));
  return ([primary, twin]) =>
    said(
      compare(rule, primary, twin, {
        params: {},
        query: new Map(),
        representation: 'twin',
        ids: new ReadIds(null, related),
        origins: { primary: ['http://a.test'], twin: ['http://b.test:8080'] },
      }),
    );
}

async function passesConfigCheck(draft: Draft): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shadowread-learned-'));
  try {
    const file = join(folder, 'shadowread.yaml');
    await writeFile(file, written(draft).toString({ lineWidth: 0 }));
    await wholeConfig(() => loadConfig(file, {}), {}, loadApiOf);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One entity: its id on either side. */
const idOf = (n: number): Pair => [{ _id: hex(n) }, { _id: n + 1 }];

describe('ids in URLs, as they are learned', () => {
  const cases: readonly (readonly [
    what: string,
    urls: (i: number) => readonly [primary: string, twin: string],
    rule: unknown,
    wrong: (primary: string, twin: string) => string,
  ])[] = [
    [
      'of another origin, an integer in the path',
      (i) => [`http://a.test/v1/books/${hex(i)}/cover.png`, `http://b.test:8080/v1/books/${i + 1}/cover.png`],
      { url: ['books'] },
      (_, twin) => twin.replace(/\d+(?=\/cover)/, '9000'),
    ],
    [
      'a path alone, a uuid at its end',
      (i) => [`/v1/books/${hex(i)}`, `/v1/books/${uuid(i)}`],
      { url: ['books'] },
      (_, twin) => twin.replace(/^(.*\/)0000/, '$1ffff'),
    ],
    [
      'a whole URL on one side and a path on the other',
      (i) => [`http://a.test/v1/books/${hex(i)}`, `/v1/books/${i + 1}`],
      { url: ['books'] },
      (_, twin) => twin.replace(/\d+$/, '9000'),
    ],
    [
      'a text as the value of a query, beside a fragment',
      (i) => [`/search?q=x&authorId=${hex(i)}#top`, `/search?q=x&authorId=mr-${i}#top`],
      { url: ['authors'] },
      (_, twin) => twin.replace(/mr-\d+/, 'mr-9000'),
    ],
    [
      'integers on the primary and uuids on the twin',
      (i) => [`/v1/books/${i + 1}`, `/v1/books/${uuid(i)}`],
      { url: ['books'] },
      (_, twin) => twin.replace(/^(.*\/)0000/, '$1ffff'),
    ],
  ];
  for (const [what, urls, rule, wrong] of cases) {
    it(`${what}: ${stringify(rule, { collectionStyle: 'flow' }).trim()}`, async () => {
      const pairs = times(60, (i) => {
        const [primary, twin] = urls(i % 20);
        return [{ href: primary }, { href: twin }];
      });
      const draft = learned(pairs);
      expect(fieldsOf(draft)).to.deep.equal({ href: rule });
      expect(draft.unexplained).to.deep.equal([]);
      await passesConfigCheck(draft);
      const verify = verifierOf(draft);
      expect(pairs.flatMap(verify)).to.deep.equal([]);
      const [primary, twin] = urls(3);
      expect(wrong(primary, twin)).not.to.equal(twin);
      expect(verify([{ href: primary }, { href: wrong(primary, twin) }])).to.deep.equal(['/href value']);
      // Another entity's id, which is as well formed.
      expect(verify([{ href: primary }, { href: urls(4)[1] }])).to.deep.equal(['/href value']);
    });
  }

  it('are of the collection whose pairs they share, also two in one URL', async () => {
    const pairs = times(80, (i) => {
      const [n, m] = [i % 20, (i * 7) % 20];
      return [
        { _id: hex(n), owner: { _id: hex(m, 'b') }, self: `http://a.test/users/${hex(m, 'b')}/orders/${hex(n)}` },
        { _id: n + 1, owner: { _id: m + 1 }, self: `http://b.test:8080/users/${m + 1}/orders/${n + 1}` },
      ];
    });
    const draft = learned(pairs, (i) => `/orders/${hex(i % 20)}`);
    expect(draft.spaces.map(({ name, type }) => [name, type])).to.have.deep.members([
      ['orders', 'number'],
      ['owners', 'number'],
    ]);
    expect(fieldsOf(draft)).to.deep.equal({
      _id: { ref: 'orders' },
      owner: { object: { _id: { ref: 'owners' } } },
      self: { url: ['orders', 'owners'] },
    });
    await passesConfigCheck(draft);
    const verify = verifierOf(draft);
    expect(pairs.flatMap(verify)).to.deep.equal([]);
    const [primary, twin] = pairs[5] ?? [{}, {}];
    const self = String(twin.self).replace(/\d+$/, '7');
    expect(verify([primary, { ...twin, self }])).to.deep.equal(['/self value']);
  });

  it('that a third party has are the same on both sides, and no collection', () => {
    const draft = learned(
      times(60, (i) => [
        { src: `https://img.test/${uuid(i)}?book=${hex(i % 9)}` },
        { src: `https://img.test/${uuid(i)}?book=${(i % 9) + 1}` },
      ]),
    );
    expect(fieldsOf(draft)).to.deep.equal({ src: { url: ['books'] } });
    expect(draft.spaces.map(({ name }) => name)).to.deep.equal(['books']);
  });

  it('with two partners leave the URL strict, and that is told', () => {
    const draft = learned(times(60, (i) => [{ href: `/books/${hex(i % 5)}` }, { href: `/books/${(i % 10) + 1}` }]));
    expect(fieldsOf(draft)).to.deep.equal({ href: 'strict' });
    const [found] = strictOf(draft);
    expect(found?.path).to.equal('/href');
    expect(found?.forms[0]).to.match(/^an id with a second partner \(\d+\)$/);
    expect(found?.tooFew).to.equal(null);
    expect(draft.spaces).to.deep.equal([]);
  });

  it('with another partner than the field beside it leave the URL strict, and that is told', () => {
    const draft = learned(
      times(60, (i) => {
        const [primary, twin] = idOf(i % 9);
        return [
          { ...primary, href: `/things/${hex(i % 9)}` },
          { ...twin, href: `/things/${(i % 9) + 2}` },
        ];
      }),
    );
    expect(fieldsOf(draft)).to.deep.equal({ _id: { ref: 'things' }, href: 'strict' });
    expect(strictOf(draft)).to.deep.equal([
      {
        path: '/href',
        forms: ['an id with another partner elsewhere', 'the same text but for ids within it (60)'],
        tooFew: null,
      },
    ]);
  });

  it('are not guessed of too few pairs, nor of one id', () => {
    const few = learned(times(6, (i) => [{ href: `/books/${hex(i)}` }, { href: `/books/${i}` }]));
    expect(fieldsOf(few)).to.deep.equal({ href: 'strict' });
    expect(strictOf(few)[0]?.tooFew).to.equal('a URL but for its origin and ids');
    const one = learned(times(60, () => [{ href: `/books/${hex(1)}` }, { href: '/books/7' }]));
    expect(fieldsOf(one)).to.deep.equal({ href: 'strict' });
    expect(strictOf(one)[0]?.tooFew).to.equal('a URL but for its origin and ids (fewer than 2 at a place)');
  });

  it('are none where two numbers may be anything, or where more than ids is different', () => {
    const pages = learned(times(60, (i) => [{ next: `/books?page=${i}` }, { next: `/books?page=${i + 1}` }]));
    expect(fieldsOf(pages)).to.deep.equal({ next: 'strict' });
    const paths = learned(times(60, (i) => [{ href: `/books/${hex(i)}` }, { href: `/tomes/${i}` }]));
    expect(fieldsOf(paths)).to.deep.equal({ href: 'strict' });
  });

  it('are paired in the keys of OData, with quotes on one side and without them on the other', () => {
    const draft = learned(
      times(60, (i) => [
        { at: `http://a.test/odata/Orders('${hex(i)}')`, key: `/Lines(order='${hex(i)}',n=1)`, no: `/x('${i}')` },
        { at: `http://b.test/odata/Orders(${i})`, key: `/Lines(order=${i},n=1)`, no: `/x(${i})` },
      ]),
    );
    expect(fieldsOf(draft)).to.deep.equal({ at: { url: ['orders'] }, key: { url: ['orders'] }, no: 'strict' });
  });

  it('are paired within other texts too: composite ids, sentences, HTML', () => {
    const draft = learned(
      times(60, (i) => [
        {
          key: `usr_${hex(i)}`,
          both: `${hex(i + 100)}:${hex(i + 300)}`,
          page: `<a href="/x/${hex(i)}">n</a>`,
          own: `of ${hex(i)}`,
        },
        { key: `usr_${i}`, both: `${uuid(i + 100)}:${uuid(i + 300)}`, page: `<a href="/x/${i}">n</a>`, own: `of ${i}` },
      ]),
    );
    expect(fieldsOf(draft)).to.deep.equal({
      key: { text: ['usrs'] },
      both: { text: ['boths', 'boths2'] },
      page: { text: ['usrs'] },
      own: { text: ['usrs'] },
    });
    expect(strictOf(draft)).to.deep.equal([]);
  });

  it('within other texts with two partners, or beside another difference, leave them strict, and that is told', () => {
    const draft = learned(
      times(60, (i) => [
        { key: `usr_${hex(i % 9)}`, note: `of ${hex(i)} in ${i}` },
        { key: `usr_${i}`, note: `of ${i} in ${i + 1}` },
      ]),
    );
    expect(fieldsOf(draft)).to.deep.equal({ key: 'strict', note: 'strict' });
    expect(strictOf(draft).map(({ path, forms }) => [path, forms])).to.deep.equal([
      ['/key', ['an id with a second partner (51)', 'the same text but for ids within it (60)']],
      ['/note', ['another text (60)']],
    ]);
  });

  it('come into a drafted `url` later, and not into one that a person wrote', () => {
    const origins = learned(
      times(60, (i) => [{ href: `http://a.test/x/${i}` }, { href: `http://b.test:8080/x/${i}` }]),
    );
    const ids = learned(times(60, (i) => [{ href: `/books/${hex(i)}` }, { href: `/books/${i}` }]));
    const before = written(origins).toString({ lineWidth: 0 });
    const drafted = parseDocument(before);
    expect(continueDocument(drafted, ids)).to.deep.equal([]);
    expect(drafted.toJS().routes.entries[0].rules.body.object).to.deep.equal({ href: { url: ['books'] } });
    expect(drafted.toJS().ids).to.deep.equal({ books: { by: 'consistent' } });
    const after = String(drafted);
    expect(continueDocument(drafted, origins)).to.deep.equal([]);
    expect(String(drafted)).to.equal(after);
    const authors = learned(times(60, (i) => [{ href: `/authors/${hex(i)}` }, { href: `/authors/${i}` }]));
    expect(continueDocument(drafted, authors)).to.deep.equal([]);
    expect(drafted.toJS().routes.entries[0].rules.body.object).to.deep.equal({ href: { url: ['authors', 'books'] } });
    const read = parseDocument(after);
    expect(continueDocument(read, authors)).to.deep.equal([]);
    expect(read.toJS()).to.deep.equal(drafted.toJS());
    const mine = parseDocument(before.replace(/href: url #.*/, 'href: url # ours'));
    expect(continueDocument(mine, ids).map(({ path, yours }) => [path, yours])).to.deep.equal([['/href', 'url']]);
  });
});

describe('a drafted rule that later pairs loosen', () => {
  const body = (document: ReturnType<typeof parseDocument>) => document.toJS().routes.entries[0].rules.body.object;
  const sometimes = (i: number, pair: Pair): Pair => (i % 3 === 0 ? [{ href: null }, {}] : pair);
  const books = times(60, (i) => [{ href: `/books/${hex(i)}` }, { href: `/books/${i}` }]);
  const authors = times(60, (i) => [{ href: `/authors/${hex(i)}` }, { href: `/authors/${i}` }]);

  it('takes further collections into a `url` that may be absent', () => {
    const drafted = parseDocument(String(written(learned(books.map((pair, i) => sometimes(i, pair))))));
    expect(body(drafted)).to.deep.equal({ href: { nullable: { url: ['books'] } } });
    expect(continueDocument(drafted, learned(authors))).to.deep.equal([]);
    expect(body(drafted)).to.deep.equal({ href: { nullable: { url: ['authors', 'books'] } } });
    expect(drafted.toJS().ids).to.have.all.keys('books', 'authors');
    const mine = parseDocument(
      String(written(learned(books.map((pair, i) => sometimes(i, pair))))).replace(/(href: .*) #.*/, '$1 # ours'),
    );
    continueDocument(mine, learned(authors));
    expect(body(mine), 'what a person wrote stays').to.deep.equal({ href: { nullable: { url: ['books'] } } });
  });

  it('may be absent from then on, whatever its form', () => {
    const pairs: readonly Pair[] = times(60, (i) => [
      { href: `/books/${hex(i)}`, at: at(i), tags: [`${i}`] },
      { href: `/books/${i}`, at: at(i, '+00:00'), tags: [`${i}`] },
    ]);
    const drafted = parseDocument(String(written(learned(pairs))));
    const gaps = pairs.map((pair, i): Pair => (i % 3 === 0 ? [{ href: null, at: null, tags: null }, {}] : pair));
    expect(continueDocument(drafted, learned(gaps))).to.deep.equal([]);
    expect(body(drafted)).to.deep.equal({
      href: { nullable: { url: ['books'] } },
      at: 'instant?',
      tags: { nullable: { list: 'text' } },
    });
    const mine = parseDocument(String(written(learned(pairs))).replace(/at: instant #.*/, 'at: instant # ours'));
    expect(continueDocument(mine, learned(gaps)).map(({ path }) => path)).to.deep.equal(['/at']);
    expect(body(mine).at).to.equal('instant');
  });
});

describe('addresses of a draft', () => {
  it('keep a prefix of the path, and no credentials', () => {
    const draft = learned(times(2, (i) => [{ n: i }, { n: i }]));
    const sides = { primary: 'http://a.test/', twin: 'https://me:secret@b.test:8443/pg/v2/' };
    const { primary, twin } = newDocument(draft, sides).toJS();
    expect([primary.url, twin.url]).to.deep.equal(['http://a.test', 'https://b.test:8443/pg/v2/']);
  });
});

describe('cursors with ids, as they are learned', () => {
  it('hold the ids of a collection, in the answer and in the query', async () => {
    const pairs = times(60, (i) => {
      const n = i % 20;
      const [primary, twin] = idOf(n);
      return [
        { data: [primary], next: cursor(at(n), hex(n)) },
        { data: [twin], next: cursor(at(n, '.000Z'), n + 1) },
      ];
    });
    const draft = learned(pairs, (i) => (i === 0 ? '/v1/books' : `/v1/books?from=${cursor(at(i), hex(i % 20))}`));
    expect(fieldsOf(draft)).to.deep.include({ next: { cursor: 'books', key: 'instant' } });
    expect(written(draft).toJS().routes.entries[0].query).to.deep.equal({ from: { cursor: 'books', key: 'instant' } });
    expect(written(draft).toJS().ids).to.deep.equal({ books: { by: 'consistent', type: 'number' } });
    await passesConfigCheck(draft);
    const verify = verifierOf(draft);
    expect(pairs.flatMap(verify)).to.deep.equal([]);
    const [primary, twin] = pairs[3] ?? [{}, {}];
    expect(verify([primary, { ...twin, next: cursor(at(3, '.000Z'), 9) }])).to.deep.equal(['/next value']);
  });

  it('of a query name the collection that the ids are of, as id parameters do', () => {
    const pairs = times(60, (i) => {
      const n = i % 9;
      return [
        { author: { _id: hex(n, 'b') }, next: cursor(n, hex(n, 'b')) },
        { author: { _id: n + 1 }, next: cursor(n, n + 1) },
      ];
    });
    const draft = learned(pairs, (i) => `/feed?author=${hex(i % 9, 'b')}&c=${cursor(i, hex(i % 9, 'b'))}`);
    expect(written(draft).toJS().routes.entries[0].query).to.deep.equal({
      author: { id: 'authors' },
      c: { cursor: 'authors', key: 'number' },
    });
  });
});
