/** Keeps the progress of a comparison in its state file. A file that cannot be written costs the continuation, never the report. */
import { messageOf, ShadowError } from '../../errors.ts';
import { removeState, type SavedState, writeState } from '../../traffic/state.ts';

export interface Saving {
  /** True where it is kept. Says once why not. */
  save(): Promise<boolean>;
  /** There is nothing left to continue. */
  remove(): Promise<void>;
}

export function savingTo(file: string, state: () => SavedState, note: (text: string) => void): Saving {
  let said = false;
  const failed = (thrown: unknown): void => {
    if (!said) note(`the progress is not kept, and a second run begins anew: ${messageOf(thrown)}`);
    said = true;
  };
  return {
    async save() {
      try {
        await writeState(file, state());
        return true;
      } catch (thrown) {
        failed(thrown);
        return false;
      }
    },
    remove: () => removeState(file).catch(failed),
  };
}

/** For a file that the user named: a run of hours must not find out at its end. @throws ShadowError SHADOW_USAGE */
export async function requireWritable(file: string, state: SavedState): Promise<void> {
  try {
    await writeState(file, state);
  } catch (thrown) {
    throw new ShadowError('SHADOW_USAGE', '--state names a file that cannot be written', {
      expected: 'a file in a folder that exists and can be written',
      actual: messageOf(thrown),
      example: '--state /tmp/comparison.json',
    });
  }
}
