/** What is left of a run: processes that carry its mark, and what lies in its temporary folder. */
import { readdirSync, readFileSync } from 'node:fs';

/** In the environment of everything that a run starts, so that no child escapes by losing its parent. */
export const MARK = 'SHADOWREAD_SOAK_RUN';

/** Command lines of all processes with the mark but this one. Empty where there is no /proc. */
export function processesOf(run: string): string[] {
  return pids().flatMap((pid) => {
    if (pid === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${MARK}=${run}`)) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()}`];
    } catch {
      // Gone meanwhile, or another user's.
      return [];
    }
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Open descriptors of a process; 0 where there is no /proc. */
export function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
