/** A twin that lies: it passes reads on to the real one and changes what `change` says. For the world's misbehaviour. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LyingTwin {
  readonly url: string;
  /** Fields of every request it was asked with. */
  readonly asked: readonly { readonly target: string; readonly headers: IncomingHttpHeaders }[];
  /** What becomes of a body from now on; null: the truth. */
  lie(change: ((body: string, target: string) => string) | null): void;
  /** Status to answer instead of the truth; null: the truth. */
  fail(status: number | null): void;
  close(): Promise<void>;
}

export async function startLyingTwin(truth: string): Promise<LyingTwin> {
  const asked: { target: string; headers: IncomingHttpHeaders }[] = [];
  let change: ((body: string, target: string) => string) | null = null;
  let failing: number | null = null;
  const server = createServer(async (request, response) => {
    const target = request.url ?? '/';
    asked.push({ target, headers: request.headers });
    if (failing !== null) {
      response.writeHead(failing).end();
      return;
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' && !['host', 'connection'].includes(name) ? [[name, value]] : [],
      ),
    );
    try {
      const answer = await fetch(`${truth}${target}`, { headers });
      const body = await answer.text();
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(change === null ? body : change(body, target));
    } catch {
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    lie: (next) => {
      change = next;
    },
    fail: (status) => {
      failing = status;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
