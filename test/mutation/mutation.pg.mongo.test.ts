import { expect } from 'chai';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import type { IdPairs } from '../../src/rules/rule.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { idPairs } from '../support/both-sides.ts';
import { sized } from '../support/sized.ts';
import { Coverage, MINIMUM_PAIRS } from './coverage.ts';
import { collectPairs, type Pair } from './pair.ts';
import { mutateStored } from './stored.ts';
import { addStored, type Proof, prove } from './suite.ts';

/** How often each operator was tried, all endpoints together. */
function operators({ coverage }: Proof): { readonly operator: string; readonly tried: number }[] {
  return [...Map.groupBy(coverage, ({ operator }) => operator)].map(([operator, cells]) => ({
    operator,
    tried: cells.reduce((sum, { tried }) => sum + tried, 0),
  }));
}

describe('mutation', () => {
  let on: Amanat;
  let pairs: readonly Pair[];
  let ids: IdPairs;
  let mongo: MongoClient;
  let sql: postgres.Sql;
  let proof: Proof;

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
    proof = prove(pairs, ids, seeded(3), 1, () => undefined);
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
      { seed: 20_261_125, numRuns: sized(8, 150) },
    );
  });

  it('tries thousands, and every operator somewhere', () => {
    expect(proof.survivors).to.deep.equal([]);
    expect(proof.variations.tried).to.be.greaterThan(2_000);
    expect(proof.mutants.tried).to.be.greaterThan(4_000);
    expect(operators(proof).filter(({ tried }) => tried === 0)).to.deep.equal([]);
  });

  it('tries every endpoint with every operator as often as it should, or says why not', () => {
    const keys = new Set(proof.coverage.map(({ endpoint, operator }) => `${endpoint} / ${operator}`));
    expect(keys.size).to.equal(proof.coverage.length);
    expect(keys.size).to.equal(amanatRoutes.length * operators(proof).length);
    for (const { endpoint, operator, tried, reason } of proof.coverage)
      expect(tried >= MINIMUM_PAIRS, `${endpoint} / ${operator}: ${tried}`).to.equal(reason === null);
    // What every answer has is not excused: headers can be changed of all of them.
    const always = proof.coverage.filter(({ operator }) => operator === 'another content type');
    expect(always.filter(({ tried }) => tried === 0)).to.deep.equal([]);
  });

  it('does not let a repeated change count for the minimum, and says what is missing', () => {
    const [pair] = pairs;
    if (pair === undefined) throw new Error('no pairs');
    const coverage = new Coverage();
    expect([coverage.admits(pair, 'one', pair.twin), coverage.admits(pair, 'one', pair.twin)]).to.deep.equal([
      true,
      false,
    ]);
    expect(coverage.cell(pair.route.key, 'one', 1, null)).to.include({
      tried: 1,
      reason: 'its 1 pairs give no more different ones',
    });
    expect(coverage.cell(pair.route.key, 'two', 1, 'for a reason')).to.include({ tried: 0, reason: 'for a reason' });
    for (let i = 1; i < MINIMUM_PAIRS; i++) coverage.admits(pair, 'one', { ...pair.twin, text: `${i}` });
    expect(coverage.cell(pair.route.key, 'one', 1, null)).to.include({ tried: MINIMUM_PAIRS, reason: null });
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
