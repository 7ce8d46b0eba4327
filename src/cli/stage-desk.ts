/** What `flip` and `rollback` work with: a domain's stage, kept in the journal and followed by every replica. */
import { EXIT, type ExitStatus } from '../errors.ts';
import { type FlipStore, leftFlipped } from '../gate/flip.ts';
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import { decideOn } from '../service/deciding.ts';
import { apiOrExample } from './api.ts';
import { configOf, flagOption, journalUrl, type Options } from './options.ts';
import { createOutput } from './output.ts';
import { whoActs } from './who.ts';

export interface StageDesk {
  readonly store: FlipStore;
  readonly domains: readonly string[];
  /** Domains whose routes read from all others. */
  readonly spanning: readonly string[];
  readonly who: string;
  readonly output: ReturnType<typeof createOutput>;
}

/** A domain that spans the others flips after all of them; it does not go back by itself. */
export async function noteLeftFlipped({ store, domains, spanning, output }: StageDesk): Promise<void> {
  // The change is made: a journal that cannot be read now does not make it a failure.
  for (const domain of await leftFlipped({ domains, spanning }, store).catch(() => []))
    output.note(
      `${domain} spans all domains and is still served by the twin, though not all of them are: shadowread rollback ${domain}`,
    );
}

export async function withStages(options: Options, work: (desk: StageDesk) => Promise<void>): Promise<ExitStatus> {
  const loaded = configOf(options);
  const api = await apiOrExample(loaded);
  const url = journalUrl(loaded.config);
  const reader = openReader({ url });
  const writer = openWriter({ url });
  const store: FlipStore = {
    decide: (domain, who) => decideOn(domain, reader, { ...loaded, api }, { writer, who }),
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
