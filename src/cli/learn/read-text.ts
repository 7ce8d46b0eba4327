import { readFile } from 'node:fs/promises';
import { messageOf, ShadowError } from '../../errors.ts';

/** @throws ShadowError SHADOW_USAGE for a file that cannot be read */
export async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ShadowError('SHADOW_USAGE', `${file} cannot be read`, {
      expected: 'a readable file',
      actual: messageOf(error),
    });
  }
}
