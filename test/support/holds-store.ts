/**
 * A process of its own that opens a store and holds it open, for tests of what is left when it dies: prints the pid of
 * the server's process and what the server said when it was ready, as JSON.
 */
import { startServerProcess } from '../../src/stores/server-process.ts';

const program = process.argv[2] === 'postgres' ? 'postgres-main' : 'mongo-main';
const server = await startServerProcess({ program, args: [], code: 'SHADOW_INTERNAL', startTimeout: 180_000 });
console.log(JSON.stringify({ pid: server.pid, ...server.ready }));
process.stdin.resume();
