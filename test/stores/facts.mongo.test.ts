import { expect } from 'chai';
import { MongoServerError } from 'mongodb';
import { type MongoFixture, mongoFixture, typed } from '../support/mongo-case.ts';
import type { Fact } from './cases/fact.ts';
import { ANSWERS } from './cases/facts-answers.ts';
import { EXPRESSIONS_MISTAKEN } from './cases/facts-expressions.ts';
import { OPTIONS } from './cases/facts-options.ts';
import { STAGES_MISTAKEN } from './cases/facts-stages.ts';
import { UPDATES_MISTAKEN } from './cases/facts-updates.ts';

describe('stores/embedded facts of MongoDB', () => {
  let mongo: MongoFixture;
  before(async () => {
    mongo = await mongoFixture();
  });
  after(() => mongo.close());

  function check(facts: readonly Fact[]): void {
    for (const fact of facts) {
      it(fact.name, async () => {
        const collection = await mongo.with(fact.given ?? []);
        await fact.before?.(collection, mongo.db);
        if (fact.codes === undefined) {
          expect(typed(await fact.asked(collection, mongo.db))).to.deep.equal(typed(fact.answer));
          return;
        }
        const error = await fact.asked(collection, mongo.db).catch((thrown: unknown) => thrown);
        if (!(error instanceof MongoServerError)) throw new Error(`not refused by the server: ${String(error)}`);
        expect(error.code, error.message).to.be.oneOf(fact.codes);
      });
    }
  }

  describe('what it answers', () => check(ANSWERS));
  describe('mistakes that it tells', () => check([...STAGES_MISTAKEN, ...EXPRESSIONS_MISTAKEN, ...UPDATES_MISTAKEN]));
  describe('options that it checks', () => check(OPTIONS));
});
