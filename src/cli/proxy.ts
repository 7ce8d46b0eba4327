/** `shadowread proxy`: the data plane with its admin port, in one process or several. */
import type { ExitStatus } from '../errors.ts';
import type { Options } from './options.ts';
import { serveFront } from './serving-front.ts';

export function proxy(_args: readonly string[], options: Options): Promise<ExitStatus> {
  return serveFront('proxy', options);
}
