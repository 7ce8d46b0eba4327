/** A primary whose answers never change by a byte, so that what clients get can be held against them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Listening, opened } from './mirror-bench.ts';

export const THING = JSON.stringify({
  _id: '64b000000000000000000001',
  name: 'Lämp',
  amount: 12.5,
  at: '2026-05-01T10:00:00.000Z',
});

/** Routes of the steady primary as a config has them; the poisoned ones have comparators that misbehave. */
export function thingsConfig(poison: readonly string[] = []): string {
  const rules = 'rules: { object: { _id: text, name: text, amount: number, at: instant } }';
  const entries = [`    - { pattern: '/things/:id', domain: things, ${rules} }`];
  for (const name of poison) {
    const module = new URL(`./poison/${name}.ts`, import.meta.url).href;
    entries.push(`    - { pattern: '/${name}', domain: poison, module: '${module}' }`);
  }
  return `routes:\n  table: none\n  entries:\n${entries.join('\n')}\n`;
}

export interface SteadyPrimary extends Listening {
  /** Reads of known routes that clients asked for; not those of the verifier. */
  readonly reads: number;
  /** Milliseconds that every answer is held from now on. */
  hold(ms: number): void;
}

const EXPORT = Buffer.alloc(200_000, 'id,name,amount\r\n');

export async function startSteadyPrimary(): Promise<SteadyPrimary> {
  let reads = 0;
  let holdMs = 0;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const known = request.method === 'GET' && request.url !== '/export';
    if (known && request.headers['x-shadow-read'] === undefined) reads += 1;
    if (holdMs === 0) answer(request, response);
    else setTimeout(answer, holdMs, request, response);
  });
  const { url, port, close } = await opened(server);
  return {
    url,
    port,
    close,
    get reads() {
      return reads;
    },
    hold(ms) {
      holdMs = ms;
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  if (request.method === 'POST') {
    response.writeHead(201, 'Made', ['X-Made', 'yes', 'Transfer-Encoding', 'chunked']);
    request.pipe(response);
    return;
  }
  if (request.url === '/export') {
    response.writeHead(200, ['Content-Type', 'text/csv', 'Trailer', 'X-Rows', 'Transfer-Encoding', 'chunked']);
    for (let at = 0; at < EXPORT.length; at += 30_000) response.write(EXPORT.subarray(at, at + 30_000));
    response.addTrailers([['X-Rows', '12500']]);
    response.end();
    return;
  }
  const body = Buffer.from(THING);
  const fields = ['content-type', 'application/json; charset=utf-8', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'];
  response.writeHead(200, [...fields, 'X-Target', request.url ?? '', 'Content-Length', String(body.length)]);
  response.end(body);
}
