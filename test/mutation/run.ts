/** `npm run mutate`: proves the comparators on real pairs of every endpoint; `--help` says what it takes. */

import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import { toolOf, wholeFrom } from '../../config/tool.ts';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { runReference } from '../../src/amanat/reference/run.ts';
import { seedAll } from '../../src/amanat/reference/seed/index.ts';
import { migrate } from '../../src/amanat/twin/migrate.ts';
import { runTwin } from '../../src/amanat/twin/run.ts';
import { count } from '../../src/base/figure-words.ts';
import { table } from '../../src/cli/output.ts';
import { backfill } from '../../src/migration/backfill.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import { openMongo, withMongoDatabase } from '../../src/stores/mongo.ts';
import { createDatabase, openPostgres } from '../../src/stores/postgres.ts';
import { idPairs } from '../support/both-sides.ts';
import { coverageLines, MINIMUM_PAIRS } from './coverage.ts';
import { collectPairs } from './pair.ts';
import { mutateStored } from './stored.ts';
import { addStored, type Proof, prove } from './suite.ts';

interface Asked {
  readonly pairs: number;
  readonly perPair: number;
  readonly stored: number;
  readonly seed: number;
  readonly json: boolean;
}

const asked = toolOf({
  usage: 'npm run mutate --',
  description:
    'Changes real answers of every endpoint: what means the same must be equal, what does not must be reported. By default more than 20,000 of each.',
  exits: { 0: 'nothing was missed and nothing reported wrongly', 1: 'something was', 2: 'it could not run' },
})
  .option('--pairs <number>', 'different pairs of each endpoint', wholeFrom(1, 1_000), 22)
  .option('--per-pair <number>', 'changes of each kind to each pair', wholeFrom(1, 1_000), 2)
  .option('--stored <number>', 'changed rows and documents of each table', wholeFrom(0, 1_000), 12)
  .option('--seed <number>', 'of the random draws', wholeFrom(0, 1e9), 1)
  .option('--json', 'prints JSON', false)
  .parse()
  .opts<Asked>();
const began = Date.now();
const note = (text: string): void =>
  void process.stderr.write(`${((Date.now() - began) / 1_000).toFixed(1)} s  ${text}\n`);
const random = seeded(asked.seed);

note('stores, seed and backfill');
const [pg, mongoServer] = await Promise.all([openPostgres({}), openMongo({})]);
let proof: Proof;
try {
  const mongoUri = withMongoDatabase(mongoServer.uri, `mutate_${process.pid}`);
  const databaseUrl = await createDatabase(pg.url, 'mutate');
  await Promise.all([seedAll(mongoUri, { seed: asked.seed, size: 'small' }), migrate(databaseUrl)]);
  await backfill({ mongoUri, databaseUrl, mappings: amanatMappings });
  const [reference, twin] = [await runReference({ mongoUri }), await runTwin({ databaseUrl, routes: amanatRoutes })];
  const client = await MongoClient.connect(mongoUri);
  const sql = postgres(databaseUrl, { max: 3, onnotice: () => undefined });
  try {
    const sources = {
      reference: reference.url,
      twin: twin.url,
      routes: amanatRoutes,
      catalogue: await readCatalogue(client.db()),
    };
    note('asking every endpoint on both sides');
    const pairs = await collectPairs(sources, random, asked.pairs);
    note(`${count(pairs.length)} pairs of ${amanatRoutes.length} endpoints; changing the twin's answers`);
    let done = 0;
    let told = Date.now();
    const ids = await idPairs(databaseUrl);
    proof = prove(pairs, ids, random, asked.perPair, () => {
      done += 1;
      if (Date.now() - told > 2_000) {
        told = Date.now();
        note(`${done} of ${pairs.length} pairs`);
      }
    });
    note('changing rows in Postgres and documents in Mongo');
    addStored(
      proof,
      await mutateStored({ ...sources, mongo: client.db(), sql, ids }, random, asked.stored, () => undefined),
    );
  } finally {
    await Promise.all([client.close(), sql.end({ timeout: 1 }), reference.close(), twin.close()]);
  }
} finally {
  await Promise.all([pg.close(), mongoServer.close()]);
}
const good = proof.variations.reported === 0 && proof.mutants.missed === 0;
if (asked.json) process.stdout.write(`${JSON.stringify(proof)}\n`);
else show(proof);
process.exitCode = good ? 0 : 1;

function show({ variations, mutants, byDomain, byOperator, coverage, survivors }: Proof): void {
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  print(
    table(
      [
        { title: 'operator', cell: ([name]: [string, Proof['byOperator'][string]]) => name },
        { title: 'kind', cell: ([, line]) => line.kind },
        { title: 'endpoints', align: 'right', cell: ([, line]) => String(line.endpoints || '–') },
        { title: 'tried', align: 'right', cell: ([, line]) => count(line.tried) },
        { title: 'wrong', align: 'right', cell: ([, line]) => count(line.wrong) },
      ],
      Object.entries(byOperator),
    ),
  );
  print('');
  print(
    table(
      [
        { title: 'domain', cell: ([name]: [string, Proof['byDomain'][string]]) => name },
        { title: 'variations', align: 'right', cell: ([, line]) => count(line.variations.tried) },
        { title: 'reported', align: 'right', cell: ([, line]) => count(line.variations.reported) },
        { title: 'mutants', align: 'right', cell: ([, line]) => count(line.mutants.tried) },
        { title: 'missed', align: 'right', cell: ([, line]) => count(line.mutants.missed) },
      ],
      Object.entries(byDomain),
    ),
  );
  print(`\nEvery endpoint with every operator: at least ${MINIMUM_PAIRS} different pairs, or why not`);
  for (const [operator, cells] of Map.groupBy(coverage, ({ operator }) => operator))
    print(`${operator}\n  ${coverageLines(cells).join('\n  ')}`);
  for (const one of survivors)
    print(
      `\n${one.kind}: ${one.operator}\n  ${one.route} ${one.target} (${one.representation})\n  - ${one.before}\n  + ${one.after}\n  said: ${one.said || 'nothing'}`,
    );
  print(
    `\n${good ? '✓' : '✗'} ${count(variations.tried)} variations, ${variations.reported} reported; ${count(mutants.tried)} mutants, ${mutants.missed} missed (${mutants.unseen} more changed nothing that an endpoint shows)`,
  );
}
