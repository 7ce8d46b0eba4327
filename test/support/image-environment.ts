import { readFileSync } from 'node:fs';

/** The variables that the image sets for every command, by the `ENV` lines of the Dockerfile's last stage. */
export function imageEnvironment(): Readonly<Record<string, string>> {
  const file = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const stage = file.slice(file.lastIndexOf('\nFROM '));
  return Object.fromEntries(
    [...stage.matchAll(/^ENV ([^=\s]+)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}
