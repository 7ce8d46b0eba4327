/**
 * Tells when the parent process is gone. A signal does not say it: SIGKILL sends none, and npm hands SIGTERM to
 * a shell that ends without telling us.
 */
import { readFileSync } from 'node:fs';

const LOOK_MS = 500;
/** Between npm and its script there is at most a shell. */
const GENERATIONS = 3;

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks from boot to its start: a pid that was given again has another. */
  readonly startedAt: string;
  readonly command: string;
}

/**
 * Resolves when an ancestor has ended: the process that started this one (`parent`), or the npm that runs it as a script
 * (`npm`). Never resolves where there is no such npm. Never keeps the process alive.
 */
export function orphaned(of: 'parent' | 'npm'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const parent = process.ppid;
  const watched = ancestors(of);
  if (of === 'npm' && watched.length === 0) return promise;
  const timer = setInterval(() => {
    const gone =
      process.ppid !== parent || watched.some(({ pid, startedAt }) => processOf(pid)?.startedAt !== startedAt);
    if (!gone) return;
    clearInterval(timer);
    resolve();
  }, LOOK_MS);
  timer.unref();
  return promise;
}

/** The ancestors up to npm; only the parent where none of them is npm, and none where npm alone was asked for. */
function ancestors(of: 'parent' | 'npm'): readonly Process[] {
  const chain: Process[] = [];
  for (let pid = process.ppid; pid > 1 && chain.length < GENERATIONS; ) {
    const found = processOf(pid);
    if (found === null) break;
    chain.push(found);
    if (process.env.npm_lifecycle_event !== undefined && /\bnpm\b/.test(found.command)) return chain;
    pid = found.parent;
  }
  return of === 'npm' ? [] : chain.slice(0, 1);
}

/** From /proc; null where there is no such process, or no /proc: then only the parent's pid is watched. */
function processOf(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name is in parentheses and may hold anything, parentheses too: the numbers follow the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
    const [state, parent] = fields;
    // A zombie has ended; it only waits for its own parent to look.
    if (state === 'Z') return null;
    return { pid, parent: Number(parent), startedAt: fields[19] ?? '', command };
  } catch {
    return null;
  }
}
