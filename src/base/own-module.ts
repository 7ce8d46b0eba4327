import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A module below src/, named without its ending: .ts in a checkout, .js in a build. For what is loaded by its address. */
export function ownModule(path: string): URL {
  return new URL(`../${path}${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
