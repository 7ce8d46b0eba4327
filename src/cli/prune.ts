/** `shadowread prune`: deletes days and evidence past the retention, and names that nothing refers to. */
import { counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { prune as pruneJournal } from '../journal/prune.ts';
import { configOf, isJson, journalUrl, numberOption, type Options } from './options.ts';
import { createOutput } from './output.ts';

const DAY = 86_400_000;

export async function prune(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const output = createOutput(isJson(options));
  const pruned = await pruneJournal({
    url: journalUrl(config),
    olderThan: Date.now() - (numberOption(options, 'olderThan') ?? config.journal.retentionDays * DAY),
    evidenceBytes: numberOption(options, 'evidenceBytes') ?? config.journal.evidenceBytes,
  });
  if (output.json) output.document(pruned);
  else {
    output.line(
      `${[
        counted(pruned.partitions.length, "day's tables", "days' tables"),
        counted(pruned.evidence, 'piece of sealed evidence', 'pieces of sealed evidence'),
        counted(pruned.hashes, 'hash', 'hashes'),
        counted(pruned.fingerprints, 'fingerprint'),
        counted(pruned.faults, 'repaired fault'),
        counted(pruned.shapes, 'query shape'),
        counted(pruned.notes, 'noisy path or failure', 'noisy paths and failures'),
      ].join(', ')}, and ${counted(pruned.instances, 'replica')} deleted`,
    );
  }
  return EXIT.yes;
}
