import { expect } from 'chai';
import { type MongoFixture, mongoFixture, typed, unordered } from '../support/mongo-case.ts';
import { FIND_CASES } from './cases/find.ts';

describe('stores/embedded find, as the manual says', () => {
  let mongo: MongoFixture;
  before(async () => {
    mongo = await mongoFixture();
  });
  after(() => mongo.close());

  for (const { page, name, documents, filter, projection, sort, ids, found } of FIND_CASES) {
    it(`${name} (${page})`, async () => {
      const collection = await mongo.with(documents);
      const cursor = mongo.exact(collection).find(filter, projection === undefined ? {} : { projection });
      const answer = await (sort === undefined ? cursor : cursor.sort(sort)).toArray();
      if (found !== undefined) expect(unordered(answer)).to.deep.equal(unordered(found));
      else {
        const given = answer.map((document) => document._id);
        if (sort === undefined) expect(unordered(given)).to.deep.equal(unordered(ids ?? []));
        else expect(typed(given)).to.deep.equal(typed(ids));
      }
      if (projection === undefined) expect(await collection.countDocuments(filter)).to.equal(ids?.length);
    });
  }
});
