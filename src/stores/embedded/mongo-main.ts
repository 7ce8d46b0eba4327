import { parseArgs } from 'node:util';
import { parentGone } from '../server-process.ts';
import { Engine } from './commands/registry.ts';
import { ReplicaSet } from './replica/replica-set.ts';
import { repack } from './storage/repack.ts';
import { expire } from './storage/ttl.ts';
import { serveWire } from './wire/server.ts';

/**
 * The embedded MongoDB in a process of its own: prints `{"port"}` and serves until its parent is gone.
 *
 * `--ttl-interval`: how often documents whose time to live is over are deleted, in milliseconds. `--replica-set`: the name
 * of a replica set whose only member it is; without it, it stands alone. `--log-entries`: how many changes that set's log
 * keeps for change streams.
 */
const { values: given } = parseArgs({
  options: {
    'ttl-interval': { type: 'string', default: '60000' },
    'replica-set': { type: 'string' },
    'log-entries': { type: 'string' },
  },
});
/** How often documents are moved out of memory that is mostly empty. */
const REPACK_MS = 60_000;
// Documents are small: many share one piece of memory, else the collector has one more thing to follow for each.
Buffer.poolSize = 1 << 20;
const name = given['replica-set'];
const entries = given['log-entries'];
const replica =
  name === undefined
    ? undefined
    : new ReplicaSet({ name, ...(entries === undefined ? {} : { log: { entries: Number(entries) } }) });
const engine = new Engine(replica);
const server = await serveWire(0, {
  answer: (request, connection) => engine.answer(request, connection),
  disconnected: (connection) => engine.disconnected(connection),
});
replica?.listensAt(`127.0.0.1:${server.port}`);
const expiring = setInterval(() => expire(engine.catalog, Date.now()), Number(given['ttl-interval']));
const repacking = setInterval(() => repack(engine.catalog), REPACK_MS);
console.log(JSON.stringify({ port: server.port }));
await parentGone();
clearInterval(expiring);
clearInterval(repacking);
await server.close();
process.exit(0);
