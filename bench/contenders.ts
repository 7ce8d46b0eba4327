/** Starts what is measured, each in a process of its own, and asks it for its figures. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oursConfig } from './ours-config.ts';

const ENDING_MS = 10_000;

export type Kind = 'plain' | 'naive' | 'off' | 'on' | 'long-off' | 'long-on';

export interface Figures {
  readonly seen: number;
  readonly verdicts: Readonly<Record<string, number>>;
  /** Resident bytes. */
  readonly memory: number;
}

/** Of what verifies nothing. */
export const NO_FIGURES: Figures = Object.freeze({ seen: 0, verdicts: Object.freeze({}), memory: 0 });

export interface Contender {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  figures(): Promise<Figures>;
  /** Microseconds of CPU so far, by thread, from /proc. */
  threads(): Threads;
  close(): Promise<void>;
}

export interface Threads {
  readonly main: number;
  /** The verifier's workers. */
  readonly workers: number;
  /** Collecting garbage, compiling, the pool of libuv: of all isolates together. */
  readonly other: number;
}

export function threadsOf(pid: number): Threads {
  const spent = { main: 0, workers: 0, other: 0 };
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const [nanoseconds = '0'] = readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ');
    const name = readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8');
    const whose = Number(id) === pid ? 'main' : name.startsWith('verifier') ? 'workers' : 'other';
    spent[whose] += Number(nanoseconds) / 1_000;
  }
  return spent;
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The API: as MongoDB serves it, as Postgres does, one that never answers, one that answers 204 at once. */
export function startUpstream(
  mode: 'primary' | 'twin' | 'hang' | 'empty',
): Promise<{ readonly port: number; close(): void }> {
  const child = spawn(process.execPath, [here('./upstream.ts'), mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the upstream ended')));
    child.stdout.once('data', (line) =>
      resolve({ port: JSON.parse(String(line)).port, close: () => child.kill('SIGKILL') }),
    );
  });
}

export async function startContender(kind: Kind, primary: number, twin: number): Promise<Contender> {
  const child = fork(here('./contender.ts'), [kind, `http://127.0.0.1:${primary}`, `http://127.0.0.1:${twin}`], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const told = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const gone = (code: number | null): void => reject(new Error(`${kind} ended with ${code}`));
      child.once('exit', gone);
      child.once('message', (message) => {
        child.off('exit', gone);
        resolve(message as T);
      });
    });
  const { port } = await told<{ port: number }>();
  return {
    name: kind,
    port,
    pid: child.pid ?? 0,
    figures() {
      const answer = told<Figures>();
      child.send('figures');
      return answer;
    },
    threads: () => threadsOf(child.pid ?? 0),
    close: () => ended(child),
  };
}

/** The command as an operator starts it, verifying every read, in so many processes. */
export async function startProcesses(
  command: 'proxy' | 'sink',
  processes: number,
  primary: number,
  twin: number,
): Promise<{ readonly port: number; seen(): Promise<number>; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-bench-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, oursConfig({ on: true }));
  const child = spawn(
    process.execPath,
    [here('../bin/shadowread.js'), command, '--config', file, '--processes', String(processes), '--json'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        ...process.env,
        SHADOWREAD_PORT: '0',
        SHADOWREAD_ADMIN_PORT: '0',
        SHADOWREAD_PRIMARY_URL: `http://127.0.0.1:${primary}`,
        SHADOWREAD_TWIN_URL: `http://127.0.0.1:${twin}`,
      },
    },
  );
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data)));
    child.once('exit', (code) => reject(new Error(`the ${command} ended with ${code}`)));
  });
  rmSync(folder, { recursive: true });
  const { [command]: url, admin }: Record<'proxy' | 'sink' | 'admin', string> = JSON.parse(line);
  return {
    port: Number(new URL(url).port),
    async seen() {
      const status = (await (await fetch(`${admin}/api/status`)).json()) as { readonly seen: number };
      return status.seen;
    },
    // By its own way: a killed one would leave its workers behind.
    close: () => ended(child),
  };
}

/** Asks it to end, which lets nginx end its workers too; what does not end in time is killed. */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill('SIGKILL'), ENDING_MS);
    child.removeAllListeners('exit');
    child.once('exit', () => {
      clearTimeout(late);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
