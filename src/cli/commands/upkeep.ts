/** Commands for config and journal. */
import { type Declare, duration, formatted, whole } from './declare.ts';

export function upkeepCommands(command: Declare): void {
  command(
    'config <action> [file]',
    'Validates the config and prints its effective values (`config check`).',
    () => import('../config.ts').then((m) => m.config),
    formatted(['yaml', 'json']),
    ['config check config/default.yaml'],
  );
  command(
    'prune',
    'Deletes what is older than the retention, and names that nothing refers to.',
    () => import('../prune.ts').then((m) => m.prune),
    (made) =>
      formatted()(
        made
          .option(
            '--older-than <time>',
            'delete what is older than this, such as 30d (default: journal.retentionDays)',
            duration,
          )
          .option('--evidence-bytes <n>', 'sealed evidence to keep, in bytes (default: journal.evidenceBytes)', whole),
      ),
    ['prune --older-than 30d'],
  );
  command(
    'simulate',
    'Measures the journal and extrapolates to 200 replicas and 100,000 reads a second.',
    () => import('../simulate.ts').then((m) => m.simulate),
    formatted(),
    ['simulate'],
  );
}
