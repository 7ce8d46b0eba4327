/** nginx as a reverse proxy, with or without `mirror`: for scale, and for what our sink costs behind it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, ended, NO_FIGURES, threadsOf } from './contenders.ts';
import { load } from './load.ts';

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0;

export async function startNginx(primary: number, twin: number, port: number, mirror: boolean): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-nginx-'));
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
# By default a connection is closed after a thousand requests, which one round of a fast machine exceeds.
keepalive_requests 1000000;
upstream p { server 127.0.0.1:${primary}; keepalive 64; keepalive_requests 1000000; } upstream t { server 127.0.0.1:${twin}; keepalive 64; keepalive_requests 1000000; }
server { listen 127.0.0.1:${port}; ${mirror ? 'mirror /mirror;' : ''}
location / { proxy_pass http://p; proxy_http_version 1.1; proxy_set_header Connection ""; }
location = /mirror { internal; proxy_pass http://t$request_uri; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  );
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' });
  for (let tries = 0; tries < 50; tries++) {
    if ((await load({ port, target: () => '/', connections: 1, seconds: 0.02 })).requests > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    name: mirror ? 'nginx with mirror' : 'nginx',
    port,
    pid: child.pid ?? 0,
    figures: async () => NO_FIGURES,
    threads: () => threadsOf(child.pid ?? 0),
    async close() {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
