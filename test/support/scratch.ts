import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

/** Linux keeps what is in here in memory. */
const IN_MEMORY = '/dev/shm';
/** What the whole suite leaves in temporary folders at once is below 3 GB: databases, and Postgres's log of changes. */
const ENOUGH_BYTES = 8 * 1024 ** 3;

export interface Scratch {
  /** For the environment of a lane: its temporary folders are made in memory. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

/**
 * A folder for temporary files that is kept in memory, where there is room for it. To create a database is to create 300
 * files, which costs 0.2 s on a disk from which as many were just deleted, and 0.07 s in memory.
 */
export function openScratch(): Scratch {
  const folder = hasRoom() ? mkdtempSync(join(IN_MEMORY, 'shadowread-tests-')) : null;
  // Postgres runs as a user of its own where this runs as root.
  if (folder !== null) chmodSync(folder, 0o1777);
  return {
    environment: folder === null ? {} : { TMPDIR: folder },
    close() {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= ENOUGH_BYTES && freemem() >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}
