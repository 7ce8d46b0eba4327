import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, ShadowError, type ShadowErrorCode } from '../errors.ts';

/** Built code lies beside this file with the same ending (.ts in a checkout, .js when compiled). */
const ending = extname(fileURLToPath(import.meta.url));

export interface ServerProcess {
  /** The one JSON line that the process printed when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** Resolves when the process has ended and what it held (servers, folders) is gone. Safe to call twice. */
  close(): Promise<void>;
}

export interface ServerProcessOptions {
  /** The program's name under `src/stores/embedded`, without its ending. */
  readonly program: 'mongo-main' | 'postgres-main';
  readonly args: readonly string[];
  readonly code: ShadowErrorCode;
  /** How long the process may take to be ready, in milliseconds. */
  readonly startTimeout: number;
}

/** How long a server may take to end and to remove what it held, milliseconds. */
const STOP_MS = 20_000;

/**
 * Starts a server in a process of its own. The process lives as long as its stdin is open: it ends by itself when this
 * process ends in whatever way, SIGKILL included. It has its own process group, else Ctrl-C would reach it before the
 * clients that still use it have closed. It never keeps this process alive.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const program = fileURLToPath(new URL(`./embedded/${options.program}${ending}`, import.meta.url));
  const child = spawn(process.execPath, [program, ...options.args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    ref(child);
    child.stdin.end();
    // It has heard that it is not needed; what it cannot do in that time it will not do at all.
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  };
  child.stdin.on('error', () => undefined);
  let ready: Record<string, unknown>;
  try {
    ready = await readyLine(child, options);
  } catch (error) {
    await stop();
    throw error;
  }
  child.stdout.resume();
  child.stderr.resume();
  unref(child);
  return { ready, pid: child.pid ?? 0, close: stop };
}

async function readyLine(child: ChildProcess, options: ServerProcessOptions): Promise<Record<string, unknown>> {
  const fail = (message: string): ShadowError =>
    new ShadowError(options.code, `the embedded server ${options.program} did not start`, {
      expected: 'one JSON line on its stdout',
      actual: message.trim().slice(-2000),
      exit: 1,
    });
  let out = '';
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const line = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(fail(`nothing within ${options.startTimeout} ms`)), options.startTimeout);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(fail(messageOf(error)));
    });
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      reject(fail(`exit ${status ?? signal}: ${complaint}`));
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const end = out.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      resolve(out.slice(0, end));
    });
  });
  const parsed: unknown = JSON.parse(await line);
  if (typeof parsed !== 'object' || parsed === null) throw fail(out);
  return { ...parsed };
}

/** The pipes are sockets, and only sockets can be unreferenced. */
function pipesOf(child: ChildProcess): Socket[] {
  return [child.stdin, child.stdout, child.stderr].filter((pipe) => pipe instanceof Socket);
}

function unref(child: ChildProcess): void {
  child.unref();
  for (const pipe of pipesOf(child)) pipe.unref();
}

function ref(child: ChildProcess): void {
  child.ref();
  for (const pipe of pipesOf(child)) pipe.ref();
}

/** Resolves when the parent process has gone or asks to end: stdin at its end, SIGINT or SIGTERM. For the child. */
export async function parentGone(): Promise<void> {
  process.stdin.resume();
  await Promise.race([
    once(process.stdin, 'end'),
    once(process.stdin, 'close'),
    once(process, 'SIGTERM'),
    once(process, 'SIGINT'),
  ]);
}
