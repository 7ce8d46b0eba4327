/** How a file of recorded traffic is to be read, where its content alone does not tell. */
import { ShadowError } from '../errors.ts';
import { FORMATS, type Format } from '../traffic/formats/format.ts';
import { isFormat } from '../traffic/open.ts';
import type { ReadOptions } from '../traffic/recorded.ts';
import { listOption, type Options, textOption } from './options.ts';

export interface RecordedOptions extends ReadOptions {
  readonly as: Format | null;
}

/** @throws ShadowError SHADOW_USAGE */
export function recordedOptions(options: Options): RecordedOptions {
  const [as, logFormat] = [formatOption(options), textOption(options, 'logFormat') ?? null];
  if (logFormat !== null && as !== null && as !== 'access-log') {
    throw new ShadowError('SHADOW_USAGE', '--log-format is for access logs', {
      expected: '--as access-log, or no --as',
      actual: `--as ${as}`,
    });
  }
  return { as, logFormat, variables: variablesOf(listOption(options, 'variable')) };
}

function formatOption(options: Options): Format | null {
  const as = textOption(options, 'as');
  if (as === undefined) return null;
  if (isFormat(as)) return as;
  throw new ShadowError('SHADOW_USAGE', 'there is no such format of recorded traffic', {
    expected: `one of ${FORMATS.join(', ')}`,
    actual: as,
  });
}

function variablesOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals > 0) return [pair.slice(0, equals), pair.slice(equals + 1)];
      throw new ShadowError('SHADOW_USAGE', 'a variable without its value', {
        expected: 'name=value',
        actual: pair,
        example: '--variable baseUrl=https://api.example/v1',
      });
    }),
  );
}
