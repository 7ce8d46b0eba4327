import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { api } from '../../src/amanat/index.ts';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import { CauseFinder } from '../../src/verifier/cause/cause.ts';
import { Stores } from '../../src/verifier/cause/stores.ts';
import { KnownIds } from '../../src/verifier/ids/known-ids.ts';
import { openReadOnly, PostgresIdMap } from '../../src/verifier/ids/postgres-source.ts';
import { Redactor } from '../../src/verifier/redactor.ts';
import { tableOf } from '../../src/verifier/table.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { type CauseSystem, dataTrials, logicTrials, type Trial } from './causes.ts';
import { mutants } from './mutants.ts';
import { collectPairs } from './pair.ts';

describe('the cause of injected faults', function () {
  this.timeout(180_000);
  let on: Amanat;
  let system: CauseSystem;
  let close: () => Promise<void>;

  before(async () => {
    on = await freshAmanat();
    const client = await MongoClient.connect(on.mongoUri);
    const sql = postgres(on.databaseUrl, { max: 2, onnotice: () => undefined });
    const reading = openReadOnly(on.databaseUrl, 2, 5_000);
    const source = new Stores(on.mongoUri, reading);
    const ids = new KnownIds(new PostgresIdMap(reading));
    const mongo = client.db();
    const admin = await mongo.collection('users').findOne({ role: 'admin' });
    system = {
      ...on,
      routes: amanatRoutes,
      mappings: amanatMappings,
      table: tableOf(amanatRoutes, { primary: on.reference, twin: on.twin }),
      mongo,
      sql,
      ids,
      admin: String(admin?._id),
      finder: new CauseFinder({
        source,
        mappings: amanatMappings,
        callerOf: api.callerOf,
        ids,
        redactor: new Redactor({ key: Buffer.alloc(32, 7), shown: [] }),
        lagMs: () => 0,
        pauseMs: 1,
        sweepDocuments: 50_000,
      }),
    };
    close = async () => {
      await Promise.all([source.close(), reading.end({ timeout: 1 }), sql.end({ timeout: 1 }), client.close()]);
    };
  });
  after(async () => {
    await close();
    await on.close();
  });

  const isData = (trial: Trial, by: 'truth' | 'said'): boolean => !['twin_logic', 'unknown'].includes(trial[by]);

  function judge(name: string, trials: readonly Trial[]): void {
    const wrong = trials.filter((trial) => trial.said !== trial.truth);
    const crossed = wrong.filter(
      (trial) => trial.said !== 'unknown' && isData(trial, 'truth') !== isData(trial, 'said'),
    );
    const lines = wrong.map(
      ({ fault, what, target, representation, truth, said, note }) =>
        `${fault}: ${what} by ${target} (${representation}): ${said}${note === null ? '' : ` (${note})`} where ${truth} is right`,
    );
    const share = (1 - wrong.length / trials.length) * 100;
    console.log(
      `      ${name}: ${trials.length} faults, the cause right in ${share.toFixed(1)} %, ${crossed.length} between data and logic`,
    );
    for (const line of lines) console.log(`        ${line}`);
    expect(crossed, 'taken for each other').to.deep.equal([]);
    expect(share).to.be.at.least(99);
  }

  it('is found in rows and documents, by single entities, lists and sums', async () => {
    const trials = await dataTrials(system, seeded(11), 1);
    expect(new Set(trials.map(({ domain }) => domain)).size).to.equal(10);
    expect(trials.length).to.be.greaterThan(120);
    judge('data', trials);
  });

  it('is found in answers that the rows do not explain', async () => {
    const pairs = await collectPairs({ ...system, catalogue: await readCatalogue(system.mongo) }, seeded(12), 2);
    const ids = (of: string): string[] => [
      ...new Set(pairs.filter((pair) => pair.representation === of).flatMap((pair) => pair.twin.text.match(ID) ?? [])),
    ];
    const operators = mutants({ twin: ids('twin').filter((id) => id.length === 36), primary: ids('primary') });
    judge('logic', await logicTrials(system, pairs, operators, seeded(13), 200));
  });
});

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{24}\b/g;
