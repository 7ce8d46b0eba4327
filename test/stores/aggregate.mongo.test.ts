import { expect } from 'chai';
import { type MongoFixture, mongoFixture, typed, unordered } from '../support/mongo-case.ts';
import { EXPRESSION_CASES, STAGE_CASES } from './cases/aggregate.ts';

describe('stores/embedded aggregate, as the manual says', () => {
  let mongo: MongoFixture;
  before(async () => {
    mongo = await mongoFixture();
  });
  after(() => mongo.close());

  for (const { page, name, documents, other, pipeline, rows, ordered } of [...STAGE_CASES, ...EXPRESSION_CASES]) {
    it(`${name} (${page})`, async () => {
      const collection = await mongo.with(documents);
      if (other !== undefined) {
        await mongo.db.collection('other').deleteMany({});
        await mongo.with(other, 'other');
      }
      const answer = await mongo
        .exact(collection)
        .aggregate([...pipeline])
        .toArray();
      if (ordered === true) expect(typed(answer)).to.deep.equal(typed(rows));
      else expect(unordered(answer)).to.deep.equal(unordered(rows));
    });
  }
});
