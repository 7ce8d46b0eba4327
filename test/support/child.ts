/** A program of the tests in a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `program` lies beside the test that `base` is of. What its modules compile to is kept between runs: most of such a
 * program's life is loading them.
 */
export function startProgram(base: string, program: string, args: readonly string[]): ChildProcess {
  const file = fileURLToPath(new URL(program, base));
  return spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'shadowread-tests-compiled') },
  });
}

/** Resolves to the signal or the status that it ended with. */
export async function endOf(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return String(child.signalCode ?? child.exitCode);
}
