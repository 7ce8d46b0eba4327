/** A shadowread process started as a child: known by the JSON line it prints once it serves, gone when we are. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../base/own-module.ts';
import { ShadowError } from '../../errors.ts';

const BIN = fileURLToPath(packageFile('bin/shadowread.js'));
/** Last lines of a child's stderr that are told when it fails. */
const REMEMBERED = 20;

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** The JSON document that it printed when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** The last lines of its log. */
  readonly said: readonly string[];
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then waits; SIGKILL after the deadline. */
  stop(deadlineMs?: number): Promise<void>;
  /** Resolves when it has ended, with its exit status; null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts `shadowread <args>` and waits for its JSON line. @throws ShadowError SHADOW_INTERNAL with what it said last. */
export async function startChild(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  timeoutMs = 180_000,
): Promise<Child> {
  const child = spawn(process.execPath, [BIN, ...args, '--json', '--until-stdin-ends'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > REMEMBERED) said.shift();
  });
  try {
    const ready = await firstDocument(name, child, said, timeoutMs);
    return {
      name,
      pid: child.pid ?? 0,
      ready,
      said,
      signal: (signal) => child.kill(signal),
      stop: (deadlineMs = 15_000) => stop(child, ended, deadlineMs),
      ended,
    };
  } catch (error) {
    await stop(child, ended, 2_000);
    throw error;
  }
}

/** Runs `shadowread <args> --json` to its end: its exit status, and the document it printed; null where there is none. */
export function runChild(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  timeoutMs = 300_000,
): Promise<{ readonly status: number; readonly document: unknown; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...environment }, timeout: timeoutMs, maxBuffer: 64 * 1_048_576 };
    const child = execFile(process.execPath, [BIN, ...args, '--json'], options, (_error, out, err) => {
      try {
        resolve({ status: child.exitCode ?? 1, document: out === '' ? null : JSON.parse(out), err });
      } catch (error) {
        reject(error);
      }
    });
  });
}

function firstDocument(
  name: string,
  child: ChildProcess,
  said: readonly string[],
  timeoutMs: number,
): Promise<Record<string, unknown>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  const fail = (what: string): void =>
    reject(
      new ShadowError('SHADOW_INTERNAL', `${name} ${what}`, {
        expected: 'one JSON line with its address',
        actual: said.join(' | ') || 'nothing',
      }),
    );
  const timer = setTimeout(() => fail(`did not serve within ${timeoutMs / 1_000} s`), timeoutMs);
  const onExit = (code: number | null, signal: NodeJS.Signals | null): void =>
    fail(`ended at start with ${code ?? signal}`);
  child.once('exit', onExit);
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        const document: unknown = JSON.parse(line);
        if (typeof document === 'object' && document !== null) resolve({ ...document });
      } catch {
        fail(`said ${JSON.stringify(line)}`);
      }
    });
  }
  return promise.finally(() => {
    clearTimeout(timer);
    child.removeListener('exit', onExit);
  });
}

async function stop(child: ChildProcess, ended: Promise<unknown>, deadlineMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  await ended;
  clearTimeout(timer);
}
