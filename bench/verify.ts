/**
 * `node bench/verify.ts [small|large]`: what backfill and verify do a second and hold in memory, verify beside a plain
 * streaming read of both stores. Everything runs on loopback, in processes of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { amanatMappings } from '../src/amanat/mappings/index.ts';
import { seedAll } from '../src/amanat/reference/seed/index.ts';
import { migrate } from '../src/amanat/twin/migrate.ts';
import { openMigrationDatabase } from '../src/migration/db.ts';
import { openMongo, withMongoDatabase } from '../src/stores/mongo.ts';
import { createDatabase, openPostgres } from '../src/stores/postgres.ts';

const size = process.argv[2] === 'large' ? 'large' : 'small';
const [postgres, mongo] = await Promise.all([openPostgres(), openMongo()]);
try {
  const mongoUri = withMongoDatabase(mongo.uri, 'amanat_bench');
  const databaseUrl = await createDatabase(postgres.url, 'amanat_bench');
  const seeded = await timed(() => seedAll(mongoUri, { seed: 1, size }));
  console.error(`seeded ${seeded.value} documents in ${seeded.seconds.toFixed(1)} s`);
  await migrate(databaseUrl);
  const filled = await timed(() => commandAlone('backfill', mongoUri, databaseUrl));
  console.error(
    `backfilled at ${Math.round(seeded.value / filled.seconds)} documents/s in ${filled.seconds.toFixed(1)} s`,
  );
  const plain = await timed(() => readBoth(mongoUri, databaseUrl));
  const verified = await timed(() => commandAlone('verify', mongoUri, databaseUrl));
  console.log(
    JSON.stringify({
      documents: plain.value,
      plainPerSecond: Math.round(plain.value / plain.seconds),
      verifyPerSecond: Math.round(plain.value / verified.seconds),
      verifyShare: Number((plain.seconds / verified.seconds).toFixed(2)),
      verifyPeakMB: verified.value.peakMB,
      backfillPeakMB: filled.value.peakMB,
      exit: verified.value.exit,
    }),
  );
} finally {
  await Promise.all([postgres.close(), mongo.close()]);
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const began = performance.now();
  return { value: await work(), seconds: (performance.now() - began) / 1_000 };
}

/** Every document and every row, one store beside the other, nothing done with them. */
async function readBoth(mongoUri: string, databaseUrl: string): Promise<number> {
  const client = await MongoClient.connect(mongoUri);
  const sql = openMigrationDatabase(databaseUrl, 2);
  let documents = 0;
  try {
    for (const { collection, table, identity, children } of amanatMappings) {
      const docs = (async () => {
        for await (const _doc of client.db().collection(collection).find().batchSize(500)) documents += 1;
      })();
      const tables = identity === 'sequence' ? [] : [table, ...children.map((child) => child.table)];
      for (const name of tables) for await (const _rows of sql`select * from ${sql(name)}`.cursor(500));
      await docs;
    }
    return documents;
  } finally {
    await Promise.all([client.close(), sql.end({ timeout: 1 })]);
  }
}

/** The command as anyone would run it, its memory as the kernel saw it. */
async function commandAlone(
  command: 'backfill' | 'verify',
  mongoUri: string,
  databaseUrl: string,
): Promise<{ peakMB: number; exit: number | null }> {
  const program = fileURLToPath(new URL('../bin/shadowread.js', import.meta.url));
  const env = { ...process.env, MONGODB_URI: mongoUri, MIGRATION_PG_URL: databaseUrl };
  const child = spawn(process.execPath, [program, command], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  let peakMB = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakMB = Math.max(peakMB, Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024));
    } catch {
      // It has ended, or this is no Linux.
    }
  }, 100);
  const [exit] = await once(child, 'exit');
  clearInterval(timer);
  return { peakMB, exit };
}
