/** The text of the config file, whatever kind of file it is: one on disk, a pipe (`<(sops -d config.yaml)`), stdin (`-`). */
import { readFileSync, statSync } from 'node:fs';
import { messageOf, ShadowError } from '../errors.ts';

/** What came through a pipe is gone once it is read, and who reads again would get nothing: an empty config. */
const piped = new Map<string, string>();

/** @throws ShadowError SHADOW_CONFIG for a file that cannot be read, or is not UTF-8. */
export function readConfigFile(file: string): string {
  const held = piped.get(file);
  if (held !== undefined) return held;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? 0 : file));
    if (!canBeReadAgain(file)) piped.set(file, text);
    return text;
  } catch (error) {
    throw new ShadowError('SHADOW_CONFIG', `the config file cannot be read`, {
      expected: 'a readable YAML file in UTF-8',
      actual: messageOf(error),
      example: 'shadowread proxy --config config/default.yaml',
    });
  }
}

/**
 * The text as it is now.
 *
 * @throws ShadowError SHADOW_CONFIG also where it came through a pipe, and for a file without content: whoever is writing it has
 *   not come to its end, and what was configured would be the default until then.
 */
export function readConfigFileAgain(file: string): string {
  if (!canBeReadAgain(file)) {
    throw new ShadowError('SHADOW_CONFIG', 'the config cannot be read again', {
      expected: 'a file on disk',
      actual: `${file}, which gives its content once`,
    });
  }
  const text = readConfigFile(file);
  if (text.trim() !== '') return text;
  throw new ShadowError('SHADOW_CONFIG', 'the config file is empty', { expected: 'YAML, or a restart without a file' });
}

/** True for a file on disk, and for what is not there or cannot be looked at: who reads it is told why. */
export function canBeReadAgain(file: string): boolean {
  // Of stdin, a file too is read to its end once.
  if (file === '-') return false;
  try {
    return statSync(file).isFile();
  } catch {
    return true;
  }
}
