/**
 * The API under the bench: `/things/<id>?kb=N` answers the entity's page with Content-Length. As `twin` it prints it as
 * Postgres would, in the forms that it is asked for; as `hang` it never answers; as `empty` it answers 204 to everything
 * and does nothing else: the least that the far end of a mirror can do.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf, type Form } from './entities.ts';

const mode = process.argv[2];

function formFor(request: IncomingMessage): Form {
  if (mode !== 'twin') return 'primary';
  return request.headers['x-twin-representation'] === 'twin' ? 'twin' : 'twin as primary';
}

const server = createServer((request, response) => {
  if (mode === 'hang') return;
  if (mode === 'empty') {
    response.writeHead(204).end();
    return;
  }
  const asked = /^\/things\/[0-9a-f]{16}([0-9a-f]{8})\?kb=(\d+)/.exec(request.url ?? '');
  const body = bodyOf(Number.parseInt(asked?.[1] ?? '0', 16), Number(asked?.[2] ?? 2), formFor(request));
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
