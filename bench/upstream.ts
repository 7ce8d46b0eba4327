/**
 * The API under the bench: `/things/<id>?kb=N` answers a JSON list of about N KB with Content-Length; `?hang` never answers. As `empty`
 * it answers 204 to everything and does nothing else: the least that the far end of a mirror can do.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const bodies = new Map<number, Buffer>();

function bodyOf(kb: number): Buffer {
  const held = bodies.get(kb);
  if (held !== undefined) return held;
  const rows = [];
  for (let size = 0, at = 0; size < kb * 1_024; at++) {
    const row = {
      _id: at.toString(16).padStart(24, '0'),
      amount: at * 1.25,
      currency: 'USD',
      status: 'completed',
      createdAt: '2026-03-29T01:30:00.000Z',
      buyer: { _id: 'a'.repeat(24), name: 'Ada Lovelace' },
    };
    rows.push(row);
    size += JSON.stringify(row).length + 1;
  }
  const body = Buffer.from(
    JSON.stringify({ data: rows, pagination: { page: 1, limit: rows.length, total: rows.length, pages: 1 } }),
  );
  bodies.set(kb, body);
  return body;
}

const mode = process.argv[2];
const server = createServer((request, response) => {
  if (mode === 'hang') return;
  if (mode === 'empty') {
    response.writeHead(204).end();
    return;
  }
  const body = bodyOf(Number(/[?&]kb=(\d+)/.exec(request.url ?? '')?.[1] ?? 2));
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
