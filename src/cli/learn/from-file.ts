/** Recorded traffic as a source: each read of the file is asked of both sides, as fast as they answer. */

import { openRecording } from '../../traffic/open.ts';
import type { RecordedOptions } from '../recorded-options.ts';
import type { BothSides } from './both-sides.ts';
import { anyRead } from './in-front.ts';

export interface FromFile {
  readonly reads: number;
  /** Requests that are no reads, or whose body the file does not hold. */
  readonly others: number;
  readonly unusable: number;
}

export async function learnFromFile(
  file: string,
  options: RecordedOptions & { readonly posts: readonly string[]; readonly most: number },
  both: BothSides,
): Promise<FromFile> {
  const readOf = anyRead(options.posts);
  const recording = await openRecording(file, options, options.as);
  let [reads, others, unusable] = [0, 0, 0];
  for await (const one of recording.told) {
    if (one.kind === 'unusable') unusable += 1;
    else {
      const { method, target, rawHeaders, body, bodyLost } = one.request;
      const read = readOf(method, target);
      if (read === null || (read.method === 'POST' && bodyLost === true)) others += 1;
      else {
        reads += 1;
        await both.put({ method: read.method, target, rawHeaders, body: read.method === 'POST' ? body : null });
      }
    }
    if (reads >= options.most) break;
  }
  return { reads, others, unusable };
}
