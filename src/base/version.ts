import { readFileSync } from 'node:fs';

/** The version in package.json, which lies above src/ in a checkout and above dist/src/ in an installed package. */
export function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
    } catch {
      // Not here: one level up.
    }
  }
  return 'unknown';
}
