import { readFileSync } from 'node:fs';

/** The version in package.json. */
export function version(): string {
  return String(manifest().version ?? 'unknown');
}

/** The version that demo and tests use of a package which an installed shadowread does not bring; null for any other. */
export function developmentVersion(name: string): string | null {
  const { devDependencies } = manifest();
  if (typeof devDependencies !== 'object' || devDependencies === null) return null;
  const found: unknown = Reflect.get(devDependencies, name);
  return typeof found === 'string' ? found : null;
}

/** package.json lies above src/ in a checkout and above dist/src/ in an installed package. */
function manifest(): Readonly<Record<string, unknown>> {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return { ...found };
    } catch {
      // Not here: one level up.
    }
  }
  return {};
}
