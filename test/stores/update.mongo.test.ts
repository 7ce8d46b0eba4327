import { expect } from 'chai';
import { type MongoFixture, mongoFixture, typed } from '../support/mongo-case.ts';
import { UPDATE_CASES } from './cases/update.ts';

describe('stores/embedded update, as the manual says', () => {
  let mongo: MongoFixture;
  before(async () => {
    mongo = await mongoFixture();
  });
  after(() => mongo.close());

  for (const { page, name, documents, filter, update, many, upsert, arrayFilters, after: expected } of UPDATE_CASES) {
    it(`${name} (${page})`, async () => {
      const collection = await mongo.with(documents);
      const options = { upsert: upsert ?? false, ...(arrayFilters === undefined ? {} : { arrayFilters }) };
      if (many === true) await collection.updateMany(filter, update, options);
      else await collection.updateOne(filter, update, options);
      expect(typed(await mongo.exact(collection).find().sort({ _id: 1 }).toArray())).to.deep.equal(typed(expected));
    });
  }
});
