/** `shadowread flip` and `shadowread rollback`: a domain's stage, kept in the journal and followed by every replica. */

import { EXIT, type ExitStatus } from '../errors.ts';
import { type FlipStore, flip as flipDomain, rollback as rollBack } from '../gate/flip.ts';
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import { decideOn } from '../service/deciding.ts';
import { apiOrExample } from './api.ts';
import { configOf, flagOption, journalUrl, numberOption, type Options, textOption } from './options.ts';
import { createOutput } from './output.ts';
import { whoActs } from './who.ts';

export async function flip(args: readonly string[], options: Options): Promise<ExitStatus> {
  return withStore(options, async ({ store, domains, spanning, who, output }) => {
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
  });
}

export async function rollback(args: readonly string[], options: Options): Promise<ExitStatus> {
  return withStore(options, async ({ store, domains, who, output }) => {
    const domain = args[0] ?? '';
    await rollBack({ domain, reason: textOption(options, 'reason') ?? null, who, domains }, store);
    if (output.json) output.document({ domain, stage: 'shadow' });
    else output.line(`${domain}: served by the primary again`);
  });
}

interface Store {
  readonly store: FlipStore;
  readonly domains: readonly string[];
  /** Domains whose routes read from all others. */
  readonly spanning: readonly string[];
  readonly who: string;
  readonly output: ReturnType<typeof createOutput>;
}

async function withStore(options: Options, work: (store: Store) => Promise<void>): Promise<ExitStatus> {
  const loaded = configOf(options);
  const api = await apiOrExample(loaded);
  const desk = { ...loaded, api };
  const url = journalUrl(loaded.config);
  const reader = openReader({ url });
  const writer = openWriter({ url });
  const store: FlipStore = {
    decide: (domain, who) => decideOn(domain, reader, desk, { writer, who }),
    stages: () => reader.stages(),
    setStage: (change) => writer.setStage(change),
  };
  try {
    await work({
      store,
      domains: api.domains,
      spanning: api.spanning,
      who: whoActs(options),
      output: createOutput(flagOption(options, 'json') || options.format === 'json'),
    });
    return EXIT.yes;
  } finally {
    await Promise.all([reader.close(), writer.close()]);
  }
}
