import { readFileSync } from 'node:fs';
import { packageFile } from './own-module.ts';

/** The version in package.json; `unknown` where it cannot be read. */
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

/** A program without its package.json still runs. */
function manifest(): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
    return typeof found === 'object' && found !== null ? { ...found } : {};
  } catch {
    return {};
  }
}
