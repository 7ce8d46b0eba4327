/** The processes that the connections are driven against: a whole service, and two proxies with what it has not by itself. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FaultFigures } from '../../../src/base/faults.ts';
import { type ProxyProcess, startProxyProcess } from '../../support/proxy-process.ts';

export interface SecondFigures {
  readonly faults: FaultFigures;
  readonly inFlight: number;
  /** A line for each of them: what it is and what it waits for. */
  readonly underWay: readonly string[];
  readonly admitted: number;
  readonly ended: number;
  readonly broken: number;
}

export interface Stage {
  readonly main: ProxyProcess;
  readonly ports: { readonly main: number; readonly flipped: number; readonly long: number; readonly admin: number };
  second(): Promise<SecondFigures>;
  /** Why it cannot go on; null while every process lives. */
  dead(): string | null;
  /** Open descriptors of each process; 0 where that cannot be seen. */
  descriptors(): number[];
  close(): Promise<void>;
}

const CONFIG = `
primary: { timeoutMs: 15000 }
twin: { timeoutMs: 5000, breaker: { minimum: 1000000 } }
limits: { waitMs: 2000 }
settle: { delaysMs: [10] }
verifier: { niceness: 0 }
routes:
  table: none
  entries:
    - { pattern: "/steady/:n", domain: steady, rules: { object: { n: text } } }
    - { pattern: "/w/:n", domain: wild, rules: { object: { n: text } } }
    - { pattern: "/p/:n", method: POST, domain: wild, rules: { object: { n: text } } }
`;

export async function openStage(primary: number, twin: number): Promise<Stage> {
  const urls = [`http://127.0.0.1:${primary}`, `http://127.0.0.1:${twin}`];
  const main = await startProxyProcess({ SHADOWREAD_PRIMARY_URL: urls[0], SHADOWREAD_TWIN_URL: urls[1] }, CONFIG);
  const child = fork(fileURLToPath(new URL('./proxies-main.ts', import.meta.url)), urls, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-4_000);
  });
  const [{ flipped, long }] = await once(child, 'message');
  let why: string | null = null;
  let closing = false;
  child.once('exit', (code, signal) => {
    if (!closing) why = `the second process ended with ${signal ?? code}: ${said}`;
  });
  void main.child.ended.then((code) => {
    if (!closing) why = `the service ended with ${code ?? 'a signal'}`;
  });
  return {
    main,
    ports: { main: Number(new URL(main.url).port), admin: Number(new URL(main.admin).port), flipped, long },
    async second() {
      const answer = once(child, 'message');
      child.send('figures');
      const [figures] = await answer;
      return figures;
    },
    dead: () => why,
    descriptors: () => [main.child.pid, child.pid ?? 0].map(openOf),
    async close() {
      closing = true;
      child.kill('SIGKILL');
      await main.stop();
    },
  };
}

function openOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
