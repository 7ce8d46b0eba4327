import { expect } from 'chai';
import { marketplaceMappings } from '../../../../src/amanat/mappings/marketplace.ts';
import { DEEPEST } from '../../../../src/amanat/reference/seed/category-forest.ts';
import { createSeedContext, type SeedDocument } from '../../../../src/amanat/reference/seed/context.ts';
import { seedMarketplace } from '../../../../src/amanat/reference/seed/marketplace.ts';
import { convert } from '../../../../src/api/rows/convert.ts';

const context = createSeedContext({ seed: 7, size: 'small' });
const documents = [...seedMarketplace(context)];

const of = (collection: SeedDocument['collection'], from: readonly SeedDocument[] = documents) =>
  from.filter((one) => one.collection === collection).map((one) => one.doc);

describe('the seed of the marketplace', () => {
  it('is the same documents for the same seed, and others for another', () => {
    expect([...seedMarketplace(createSeedContext({ seed: 7, size: 'small' }))]).to.deep.equal(documents);
    expect([...seedMarketplace(createSeedContext({ seed: 8, size: 'small' }))]).to.not.deep.equal(documents);
  });

  it('has as many of each collection as the table of counts says, each id once', () => {
    for (const { collection } of marketplaceMappings) {
      const ids = documents.filter((one) => one.collection === collection).map(({ doc }) => String(doc._id));
      expect(new Set(ids).size, collection).to.equal(ids.length);
    }
    for (const collection of ['purchaserequests', 'selleroffers', 'categories', 'reviews'] as const) {
      expect(of(collection), collection).to.have.length(context.count(collection));
    }
  });

  it('has a path of ten categories, no cycle, and one category whose parent is gone', () => {
    const parents = new Map(
      of('categories').map((doc) => [String(doc._id), doc.parent === undefined ? null : String(doc.parent)]),
    );
    const depths = [...parents.keys()].map((id) => {
      const seen = new Set<string>();
      for (let at: string | null | undefined = id; typeof at === 'string' && parents.has(at); at = parents.get(at)) {
        expect(seen.has(at), 'a cycle').to.equal(false);
        seen.add(at);
      }
      return seen.size;
    });
    expect(Math.max(...depths)).to.be.at.least(DEEPEST);
    expect([...parents.values()].filter((parent) => parent !== null && !parents.has(parent))).to.have.length(1);
  });

  it('has slugs that differ in nothing but their Unicode form', () => {
    const slugs = of('categories').map((doc) => String(doc.slug));
    const forms = Map.groupBy(slugs, (slug) => slug.normalize('NFC'));
    expect([...forms.values()].filter((same) => same.length > 1)).to.have.length(1);
    expect(new Set(slugs).size).to.equal(slugs.length);
  });

  it('has offers of one request at one price, orphans on every side, and sellers without a review', () => {
    const offers = of('selleroffers');
    const prices = Map.groupBy(offers, (offer) => `${offer.request} ${offer.price}`);
    expect([...prices.values()].filter((same) => same.length > 1).length).to.be.greaterThan(20);
    const requests = new Set(of('purchaserequests').map((doc) => String(doc._id)));
    expect(offers.filter((offer) => !requests.has(String(offer.request))).length).to.be.greaterThan(2);
    const reviewed = new Set(of('reviews').map((doc) => String(doc.seller)));
    expect(reviewed.has(String(context.oid('users', 9)))).to.equal(false);
    const comments = of('reviews').map((doc) => doc.comment);
    expect(comments).to.include('').and.include(null).and.include(undefined);
  });

  it('can be kept in Postgres as it is; the documents that cannot are made only when asked for, each with one reason', () => {
    const known = (): string => '00000000-0000-7000-8000-000000000000';
    const rejects = (from: readonly SeedDocument[]) =>
      marketplaceMappings.flatMap((mapping) =>
        from
          .filter((one) => one.collection === mapping.collection)
          .map(({ doc }) => convert(mapping, doc, known).rejects)
          .filter((reasons) => reasons.length > 0),
      );
    expect(rejects(documents)).to.deep.equal([]);
    const withRejects = [...seedMarketplace(createSeedContext({ seed: 7, size: 'small', rejects: true }))];
    expect(rejects(withRejects).map((reasons) => reasons.map((one) => one.path))).to.deep.equal([
      ['title'],
      ['budget'],
      ['budget'],
      ['deadline'],
      ['tags'],
      ['budget'],
    ]);
  });
});
