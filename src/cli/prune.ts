/** `shadowread prune`: deletes days and evidence past the retention, and names that nothing refers to. */
import { EXIT, type ExitStatus } from '../errors.ts';
import { prune as pruneJournal } from '../journal/prune.ts';
import { configOf, isJson, journalUrl, numberOption, type Options } from './options.ts';
import { createOutput, thousands } from './output.ts';

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
      `${thousands(pruned.partitions.length)} days' tables, ${thousands(pruned.evidence)} pieces of sealed evidence, ${thousands(pruned.hashes)} hashes, ${thousands(pruned.fingerprints)} fingerprints, ${thousands(pruned.faults)} repaired faults, ${thousands(pruned.shapes)} query shapes, ${thousands(pruned.notes)} noisy paths and failures, and ${thousands(pruned.instances)} replicas deleted`,
    );
  }
  return EXIT.yes;
}
