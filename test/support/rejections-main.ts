/** A command in which promises are rejected that nobody waits for: one of its own, and those of the database driver. */
import { openPostgresPool } from '../../src/base/postgres.ts';
import { tellRejections } from '../../src/base/rejections.ts';

tellRejections();
const sql = openPostgresPool(`postgres://u@127.0.0.1:${process.argv[2]}/d`, { name: 'test', max: 1, ownTypes: true });
const refused = await sql`select 1`.then(
  () => 'answered',
  () => 'refused',
);
setTimeout(async () => {
  throw new RangeError('zqx7canary');
}, 1);
await new Promise((resolve) => setTimeout(resolve, 20));
await sql.end({ timeout: 0 });
process.stdout.write(refused);
