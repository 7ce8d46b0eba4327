import { userInfo } from 'node:os';
import { type Options, textOption } from './options.ts';

/** Who acts, for the record: `--who`, else the name of the system's user. */
export function whoActs(options: Options): string {
  const given = textOption(options, 'who');
  if (given !== undefined) return given;
  try {
    return `${userInfo().username}, command line`;
  } catch {
    return 'command line';
  }
}
