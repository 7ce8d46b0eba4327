import { parentGone } from '../server-process.ts';
import { Engine } from './commands/registry.ts';
import { expire } from './storage/ttl.ts';
import { serveWire } from './wire/server.ts';

/**
 * The embedded MongoDB in a process of its own: prints `{"port"}` and serves until its parent is gone.
 *
 * Arguments: `[interval]`, how often documents whose time to live is over are deleted, in milliseconds.
 */
// Documents are small: many share one piece of memory, else the collector has one more thing to follow for each.
Buffer.poolSize = 1 << 20;
const interval = Number(process.argv[2] ?? 60_000);
const engine = new Engine();
const server = await serveWire(0, (request, connection) => engine.answer(request, connection));
const timer = setInterval(() => expire(engine.catalog, Date.now()), interval);
console.log(JSON.stringify({ port: server.port }));
await parentGone();
clearInterval(timer);
await server.close();
process.exit(0);
