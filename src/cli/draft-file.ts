/** The file that a draft goes to: it is examined before the work begins, and no file of a person is replaced unasked. */
import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, ShadowError } from '../errors.ts';

/**
 * Refuses what could not be written, or would replace what somebody may have edited.
 *
 * @param replaces true where the file may be there already
 * @throws ShadowError SHADOW_USAGE
 */
export async function checkDraftFile(file: string, replaces: boolean): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there?.isFile() === true && !replaces) {
    throw new ShadowError('SHADOW_USAGE', `${file} exists, and may hold what you changed in it`, {
      expected: 'another name, --overwrite, or learn --continue to refine it',
      example: `shadowread learn --continue ${file}`,
    });
  }
  try {
    if (there?.isDirectory() === true) throw new Error('it is a folder');
    await access(there === null ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    throw notWritable(file, error);
  }
}

/** @throws ShadowError SHADOW_USAGE where the file cannot be written after all */
export async function writeDraft(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw notWritable(file, error);
  }
}

function notWritable(file: string, error: unknown): ShadowError {
  return new ShadowError('SHADOW_USAGE', `${file} cannot be written`, {
    expected: 'a file in a folder that is there, with permission to write',
    actual: messageOf(error),
    example: '--out shadowread.yaml',
    cause: error,
  });
}
