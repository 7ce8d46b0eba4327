/** A small API served twice: a primary that is right and a twin that is wrong where the test says so. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeNow, listenOn, urlOf } from '../../src/base/listening.ts';

export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface ApiSide {
  readonly url: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

export interface TwoSides {
  readonly primary: ApiSide;
  readonly twin: ApiSide;
  /** A config for both. */
  readonly config: string;
  close(): Promise<void>;
}

/** What a side answers for `/things/7`, before its wrongs. */
export const thing = (id: string): Record<string, unknown> => ({
  _id: id,
  name: `thing ${id}`,
  amount: '12.50',
  at: '2026-05-01T10:00:00.000Z',
});

type Wrong = (id: string, right: Record<string, unknown>, host: string) => Record<string, unknown> | number;

async function startSide(wrong: Wrong, delayMs: () => number): Promise<ApiSide> {
  const seen: Seen[] = [];
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers, body });
      const id = body === '' ? /^\/things\/([^/?]+)/.exec(request.url ?? '')?.[1] : String(JSON.parse(body).id);
      const answer = id === undefined ? 404 : wrong(id, thing(id), request.headers.host ?? '');
      setTimeout(() => {
        response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(typeof answer === 'number' ? { error: { code: 'x' } } : answer));
      }, delayMs());
    });
  });
  const port = await listenOn(server, 0, '127.0.0.1', { what: 'a side of the test', example: '' });
  return { url: urlOf('127.0.0.1', port), seen, close: () => closeNow(server) };
}

interface Made {
  readonly delayMs?: () => number;
  readonly more?: string;
  /** Further options of `twin`. */
  readonly twin?: string;
  readonly rules?: string;
  /** What both sides answer, before the twin's own wrongs; an error stays one. */
  readonly both?: Wrong;
}

const RULES = 'rules: { object: { _id: text, name: text, amount: { money: { currency: USD } }, at: instant } }';

export async function startTwoSides(
  wrong: Wrong = (_id, right) => right,
  { delayMs = () => 0, more = '', twin: ofTwin = '', rules = RULES, both = (_id, right) => right }: Made = {},
): Promise<TwoSides> {
  const primary = await startSide(both, delayMs);
  const twin = await startSide(
    (id, right, host) => (typeof both(id, right, host) === 'number' ? both(id, right, host) : wrong(id, right, host)),
    () => 0,
  );
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-sides-'));
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `primary: { url: '${primary.url}' }
twin: { url: '${twin.url}', timeoutMs: 60000, connectTimeoutMs: 60000${ofTwin} }
settle: { delaysMs: [20, 40] }
shadow: { control: 0 }
verifier: { workers: 1, niceness: 0 }
limits: { waitMs: 60000 }
routes:
  table: none
  entries:
    - { pattern: '/things/:id', domain: things, ${rules} }
    - { pattern: '/things/search', method: POST, domain: search, ${rules} }
    - { pattern: '/never', domain: never, ${rules} }
${more}`,
  );
  return {
    primary,
    twin,
    config,
    close: async () => void (await Promise.all([primary.close(), twin.close()])),
  };
}
