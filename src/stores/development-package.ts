/** Packages that only demo and tests need: a checkout has them, an installed shadowread does not bring them. */
import { developmentVersion } from '../base/version.ts';

export function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The line that installs what demo and tests use of it. */
export function installLine(name: string): string {
  const wanted = developmentVersion(name);
  return `npm install ${name}${wanted === null ? '' : `@${wanted}`}`;
}
