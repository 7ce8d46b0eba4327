/** `shadowread flip`: serves a share of a domain's reads from the twin. */

import type { ExitStatus } from '../errors.ts';
import { flip as flipDomain } from '../gate/flip.ts';
import { flagOption, numberOption, type Options, textOption } from './options.ts';
import { noteLeftFlipped, withStages } from './stage-desk.ts';

export async function flip(args: readonly string[], options: Options): Promise<ExitStatus> {
  return withStages(options, async (desk) => {
    const { store, domains, spanning, who, output } = desk;
    const flipped = await flipDomain(
      {
        domain: args[0] ?? '',
        percent: numberOption(options, 'percent') ?? 100,
        override: flagOption(options, 'override'),
        reason: textOption(options, 'reason') ?? null,
        who,
        domains,
        spanning,
      },
      store,
    );
    if (output.json)
      output.document({
        domain: flipped.domain,
        stage: 'flipped',
        percent: flipped.percent,
        override: flipped.override,
        decision: flipped.decisionId,
      });
    else
      output.line(
        `${flipped.domain}: ${flipped.percent} % of its reads are served by the twin within two seconds (${flipped.override ? 'override' : `decision ${flipped.decisionId ?? '–'}`})`,
      );
    await noteLeftFlipped(desk);
  });
}
