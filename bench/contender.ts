/**
 * One contender in a process of its own. `plain`: Express 5 and http-proxy-middleware with a keep-alive agent. `naive`: the
 * same with responseInterceptor, fetch and deep-diff in the request's process. `off`, `on`: ours, shadowing off and on;
 * `long-off`, `long-on`: the same with every request through http-proxy-middleware.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import deepDiff from 'deep-diff';
import express from 'express';
import { createProxyMiddleware, responseInterceptor } from 'http-proxy-middleware';
import { startApp } from '../src/app.ts';
import { createFaults } from '../src/base/faults.ts';
import { createLog } from '../src/base/log.ts';
import { loadApiOf } from '../src/cli/api.ts';
import { loadConfig } from '../src/config.ts';
import { collectSeldom } from '../src/service/garbage.ts';
import { readSecrets } from '../src/service/secrets.ts';
import { oursConfig } from './ours-config.ts';

const [kind = '', primary = '', twin = ''] = process.argv.slice(2);

async function port(): Promise<number> {
  if (kind === 'plain' || kind === 'naive') {
    const app = express();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4_096 });
    app.use(
      kind === 'plain'
        ? createProxyMiddleware({ target: primary, agent })
        : createProxyMiddleware({
            target: primary,
            agent,
            selfHandleResponse: true,
            on: {
              proxyRes: responseInterceptor(async (body, _answer, request) => {
                fetch(`${twin}${request.url}`)
                  .then((answer) => answer.json())
                  .then((other) => deepDiff(JSON.parse(body.toString()), other))
                  .catch(() => undefined);
                return body;
              }),
            },
          }),
    );
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  }
  collectSeldom();
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-bench-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, oursConfig({ on: kind.endsWith('on'), shortWay: !kind.startsWith('long') }));
  const environment = { ...process.env, SHADOWREAD_PRIMARY_URL: primary, SHADOWREAD_TWIN_URL: twin };
  const loaded = loadConfig(file, environment);
  rmSync(folder, { recursive: true });
  const log = createLog(() => undefined);
  const app = await startApp({
    loaded,
    api: await loadApiOf(loaded),
    secrets: readSecrets(loaded.config, environment),
    environment,
    version: 'bench',
    log,
    faults: createFaults(log),
    reloadError: () => null,
  });
  process.on('message', async () => {
    const { seen, verdicts } = await sums(app);
    process.send?.({
      seen,
      verdicts,
      memory: process.memoryUsage().rss,
    });
  });
  return Number(new URL(app.url).port);
}

async function sums(
  app: Awaited<ReturnType<typeof startApp>>,
): Promise<{ seen: number; verdicts: Record<string, number> }> {
  const snapshot = await app.plane.snapshot();
  const verdicts: Record<string, number> = {};
  for (const route of snapshot.routes)
    for (const [name, n] of Object.entries(route.verdicts)) verdicts[name] = (verdicts[name] ?? 0) + n;
  return { seen: snapshot.seen, verdicts };
}

if (kind === 'plain' || kind === 'naive') {
  process.on('message', () => process.send?.({ seen: 0, verdicts: {}, memory: process.memoryUsage().rss }));
}
process.on('disconnect', () => process.exit(0));
const bound = await port();
process.send?.({ port: bound });
