/** `shadowread config check [FILE]`: validates, and prints what is in force. */

import { parse } from 'yaml';
import { counted } from '../base/figure-words.ts';
import { loadConfig, printConfig } from '../config.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { wholeConfig } from '../service/whole-config.ts';
import { loadApiOf } from './api.ts';
import { isJson, type Options, textOption } from './options.ts';
import { createOutput } from './output.ts';

export async function config(args: readonly string[], options: Options): Promise<ExitStatus> {
  const [action, file] = args;
  if (action !== 'check') {
    throw new ShadowError('SHADOW_USAGE', 'there is no such config command', {
      expected: 'check',
      actual: String(action),
      example: 'shadowread config check config/default.yaml',
    });
  }
  const named = file ?? textOption(options, 'config') ?? null;
  const { loaded, api } = await wholeConfig(() => loadConfig(named, process.env), process.env, loadApiOf);
  const { routes } = api;
  const output = createOutput(isJson(options));
  if (output.json)
    output.document({
      file: loaded.file,
      digest: loaded.digest,
      config: parse(printConfig(loaded.config)),
      routes: routes.length,
    });
  else {
    output.line(printConfig(loaded.config).trimEnd());
    output.note(
      `ok: ${loaded.file ?? 'defaults and environment'}, digest ${loaded.digest}, ${counted(routes.length, 'route')}`,
    );
  }
  return EXIT.yes;
}
