/** Recorded traffic as a source: each read of the file is asked of both sides, as fast as they answer. */

import { hostNameOf } from '../../base/fields.ts';
import { openRecording } from '../../traffic/open.ts';
import { requestFields } from '../../traffic/request-fields.ts';
import type { SideHeaders } from '../asked-with.ts';
import type { RecordedOptions } from '../recorded-options.ts';
import type { BothSides } from './both-sides.ts';
import { anyRead } from './in-front.ts';

export interface FromFile {
  readonly reads: number;
  /** Requests to hosts that `hosts` leaves out. */
  readonly otherHosts: number;
  /** Requests that are no reads, or whose body the file does not hold. */
  readonly others: number;
  readonly unusable: number;
}

/** Which of the recorded reads are asked, and with which fields. */
export interface AskedWith {
  /** Only requests to these hosts; empty for all. */
  readonly hosts: readonly string[];
  readonly headers: SideHeaders;
  /** The Host of both sides where none was recorded. */
  readonly primaryHost: string;
}

export async function learnFromFile(
  file: string,
  options: RecordedOptions & AskedWith & { readonly posts: readonly string[]; readonly most: number },
  both: BothSides,
): Promise<FromFile> {
  const readOf = anyRead(options.posts);
  const recording = await openRecording(file, options, options.as);
  const { hosts, headers, primaryHost } = options;
  let [reads, others, otherHosts, unusable] = [0, 0, 0, 0];
  for await (const one of recording.told) {
    if (one.kind === 'unusable') unusable += 1;
    else if (hosts.length > 0 && !hosts.includes(hostNameOf(one.request.rawHeaders))) otherHosts += 1;
    else {
      const { method, target, rawHeaders, body, bodyLost } = one.request;
      const read = readOf(method, target);
      if (read === null || (read.method === 'POST' && bodyLost === true)) others += 1;
      else {
        reads += 1;
        const fields = requestFields(rawHeaders, headers.both, primaryHost);
        await both.put({ method: read.method, target, rawHeaders: fields, body: read.method === 'POST' ? body : null });
      }
    }
    if (reads >= options.most) break;
  }
  return { reads, others, otherHosts, unusable };
}
