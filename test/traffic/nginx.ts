/** A real nginx in front of a primary, which mirrors to wherever a test wants; null where nginx is not installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { freePort } from '../support/free-port.ts';

export interface Nginx {
  /** Mirrors every request. */
  readonly url: string;
  /** The same without `mirror`. */
  readonly plainUrl: string;
  /** Copies whose answer nginx did not wait for, as its error log says: they may have arrived, or not. */
  givenUp(): number;
  stop(): Promise<void>;
}

export function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface NginxOptions {
  readonly primary: string;
  readonly mirror: string;
  /** Waits for the mirror as long as it takes, so that no copy is given up on a busy machine. */
  readonly patient?: boolean;
}

/** As docs/where-to-put-it.md says it, but for ports, folders and, where it is to be patient, the mirror's timeouts. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-nginx-'));
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  const [port, plainPort] = [await freePort(), await freePort()];
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, configOf(folder, options, port, plainPort));
  const errors = join(folder, 'error.log');
  const child = spawn('nginx', ['-p', folder, '-c', config, '-e', errors], { stdio: 'ignore' });
  const [url, plainUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${plainPort}`];
  await answers(plainUrl, child);
  return {
    url,
    plainUrl,
    givenUp: () => readFileSync(errors, 'utf8').match(/subrequest: "\/shadowread"/g)?.length ?? 0,
    async stop() {
      const ended = child.exitCode === null ? once(child, 'exit') : null;
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(
  folder: string,
  { primary, mirror, patient = false }: NginxOptions,
  port: number,
  plainPort: number,
): string {
  const passing =
    'proxy_pass http://primary; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;';
  const waits = patient
    ? 'proxy_connect_timeout 60s; proxy_send_timeout 60s; proxy_read_timeout 60s;'
    : 'proxy_connect_timeout 200ms; proxy_send_timeout 1s; proxy_read_timeout 1s;';
  return `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; ${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000;
  upstream primary { server ${new URL(primary).host}; keepalive 64; keepalive_requests 1000000; }
  upstream shadowread { server ${new URL(mirror).host}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / { mirror /shadowread; ${passing} }
    location = /shadowread {
      internal;
      proxy_pass http://shadowread;
      proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Original-URI $request_uri;
      ${waits}
    }
  }
  server {
    listen 127.0.0.1:${plainPort};
    location / { ${passing} }
  }
}
`;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    const answer = await request(url).catch(() => null);
    if (answer !== null) {
      await answer.body.dump();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
