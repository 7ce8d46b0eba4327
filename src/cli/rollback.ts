/** `shadowread rollback`: serves a domain from the primary again. */

import type { ExitStatus } from '../errors.ts';
import { rollback as rollBack } from '../gate/flip.ts';
import { type Options, textOption } from './options.ts';
import { noteLeftFlipped, withStages } from './stage-desk.ts';

export async function rollback(args: readonly string[], options: Options): Promise<ExitStatus> {
  return withStages(options, async (desk) => {
    const { store, domains, who, output } = desk;
    const domain = args[0] ?? '';
    await rollBack({ domain, reason: textOption(options, 'reason') ?? null, who, domains }, store);
    if (output.json) output.document({ domain, stage: 'shadow' });
    else output.line(`${domain}: served by the primary again`);
    await noteLeftFlipped(desk);
  });
}
