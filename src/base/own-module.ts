import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ending = extname(fileURLToPath(import.meta.url));

/** A module below src/, named without its ending: .ts in a checkout, .js in a build. For what is loaded by its address. */
export function ownModule(path: string): URL {
  return new URL(`../${path}${ending}`, import.meta.url);
}

/** A file of the package by its path from package.json, which lies above src/ in a checkout and above dist/src/ in a build. */
export function packageFile(path: string): URL {
  return new URL(`${ending === '.ts' ? '../../' : '../../../'}${path}`, import.meta.url);
}
