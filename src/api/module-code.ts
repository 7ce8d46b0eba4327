/** What a module of the user's own consists of, as a digest: rules that are functions have no other. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Most files of one module that are read; of a module with more imports the first ones count. */
const MOST_FILES = 200;
const IMPORTS = /(?:\bfrom|\bimport)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/**
 * SHA-256, first 16 hex digits, over the module's text and that of all it imports by relative paths. Packages count by
 * the name they are imported with. A module that is no file, such as a `data:` address, is its address.
 */
export function codeDigest(address: string): string {
  const hash = createHash('sha256');
  const waiting = [new URL(address)];
  const seen = new Set<string>();
  for (let file = waiting.shift(); file !== undefined && seen.size < MOST_FILES; file = waiting.shift()) {
    if (seen.has(file.href)) continue;
    seen.add(file.href);
    const text = textOf(file);
    hash.update(`${text.length} ${text}`);
    for (const [, , path = ''] of text.matchAll(IMPORTS)) waiting.push(new URL(path, file));
  }
  return hash.digest('hex').slice(0, 16);
}

function textOf(file: URL): string {
  if (file.protocol !== 'file:') return file.href;
  try {
    return readFileSync(fileURLToPath(file), 'utf8');
  } catch {
    return 'unreadable';
  }
}
