import { expect } from 'chai';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import type { IdPairs } from '../../src/comparators/rule.ts';
import { readCatalogue } from '../../src/demo/catalogue.ts';
import { seeded } from '../../src/demo/random.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { idPairs } from '../support/both-sides.ts';
import { collectPairs, type Pair } from './pair.ts';
import { mutateStored } from './stored.ts';
import { addStored, prove } from './suite.ts';

describe('mutation', function () {
  this.timeout(180_000);
  let on: Amanat;
  let pairs: readonly Pair[];
  let ids: IdPairs;
  let mongo: MongoClient;
  let sql: postgres.Sql;

  before(async () => {
    on = await freshAmanat();
    mongo = await MongoClient.connect(on.mongoUri);
    sql = postgres(on.databaseUrl, { max: 3, onnotice: () => undefined });
    ids = await idPairs(on.databaseUrl);
    pairs = await collectPairs(
      { ...on, routes: amanatRoutes, catalogue: await readCatalogue(mongo.db()) },
      seeded(7),
      3,
    );
  });
  after(async () => {
    await Promise.all([mongo.close(), sql.end({ timeout: 1 })]);
    await on.close();
  });

  it('has real pairs of every endpoint, in both representations', () => {
    for (const representation of ['primary', 'twin'] as const) {
      const covered = new Set(
        pairs.filter((pair) => pair.representation === representation).map((pair) => pair.route.key),
      );
      expect(amanatRoutes.map(({ key }) => key).filter((key) => !covered.has(key))).to.deep.equal([]);
    }
  });

  it('reports no variation and misses no mutant, whatever is drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: pairs.length - 1 }), fc.nat(), (at, seed) => {
        const pair = pairs[at];
        if (pair === undefined) return;
        const proof = prove([pair], ids, seeded(seed), 2, () => undefined);
        expect(proof.survivors).to.deep.equal([]);
      }),
      { seed: 20_261_125, numRuns: 150 },
    );
  });

  it('tries thousands, and every operator somewhere', () => {
    const proof = prove(pairs, ids, seeded(3), 1, () => undefined);
    expect(proof.survivors).to.deep.equal([]);
    expect(proof.variations.tried).to.be.greaterThan(2_000);
    expect(proof.mutants.tried).to.be.greaterThan(4_000);
    expect(proof.notApplied.filter(({ reason }) => reason === '')).to.deep.equal([]);
  });

  it('catches what is changed in rows and documents wherever an endpoint shows it', async () => {
    const proof = prove([], ids, seeded(1), 1, () => undefined);
    addStored(
      proof,
      await mutateStored({ ...on, routes: amanatRoutes, mongo: mongo.db(), sql, ids }, seeded(5), 2, () => undefined),
    );
    expect(proof.survivors).to.deep.equal([]);
    expect(proof.mutants.tried).to.be.greaterThan(150);
  });
});
