/** `shadowread demo`: the whole story on real stores; exit 0 if every step went as planned and no other fault was found. */

import { startStack } from '../amanat/demo/stack.ts';
import { playStory, type Story } from '../amanat/demo/story.ts';
import { amanatMappings } from '../amanat/mappings/index.ts';
import { migrate } from '../amanat/twin/migrate.ts';
import { counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { backfill as runBackfill } from '../migration/backfill.ts';
import { documentOfStory, isGood, linesOfStory } from './demo-report.ts';
import { demoTraffic } from './demo-traffic.ts';
import { flagOption, numberOption, type Options, textOption } from './options.ts';
import { createOutput, paint } from './output.ts';
import { stopRequested } from './serving.ts';

/** Reads of the traffic before the faults, and of that after the repair. */
const REQUESTS = 600;

export async function demo(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const elsewhere = textOption(options, 'traffic');
  if (elsewhere !== undefined) return demoTraffic(elsewhere, options);
  const seed = numberOption(options, 'seed') ?? 1;
  const requests = numberOption(options, 'requests') ?? REQUESTS;
  const once = flagOption(options, 'once');
  const output = createOutput(options.format === 'json');
  const began = Date.now();
  const secondsSince = (): number => Math.round((Date.now() - began) / 100) / 10;
  const stopped = new AbortController();
  const wishes = { untilStdinEnds: flagOption(options, 'untilStdinEnds'), orphanOf: 'parent', onHangup: true } as const;
  const signalled = stopRequested(wishes).then((why) => {
    // All that it started ends with it: each child lives as long as the stdin that this process holds.
    if (why === 'orphaned') process.exit(1);
    stopped.abort();
  });
  const onStep = (step: string): void => {
    output.done();
    output.note(paint('dim', `${secondsSince().toFixed(1).padStart(5)} s  ${step}`));
  };
  const stack = await startStack({
    seed,
    onStep,
    prepare: migrate,
    backfill: async (mongoUri, databaseUrl) => {
      const report = await runBackfill({ mongoUri, databaseUrl, mappings: amanatMappings });
      onStep(
        `${counted(report.documents, 'document')}, ${counted(report.rejects.length, 'reject')}, ${counted(report.orphans.length, 'orphaned reference')}`,
      );
    },
  });
  try {
    const { proxy, admin, primary, twin, mongo, postgres } = stack;
    if (output.json && !once) output.document({ proxy, admin, primary, twin, mongo, postgres });
    onStep(`serving: proxy ${proxy}, dashboard ${admin}`);
    const story: Story | null =
      requests === 0
        ? null
        : await playStory({
            ...{ stack, seed, requests, onStep, keepFaults: flagOption(options, 'keepFaults') },
            signal: stopped.signal,
            onProgress: output.progress,
          });
    if (story !== null) {
      if (output.json) output.document(documentOfStory(story, secondsSince()));
      // A program gets the facts on stdout; a person who looks for the failure reads the sentences on stderr.
      const tell = output.json ? output.note : output.line;
      if (!output.json || !isGood(story)) for (const line of linesOfStory(story, secondsSince())) tell(line);
    }
    if (once || stopped.signal.aborted) return story === null || isGood(story) ? EXIT.yes : EXIT.no;
    if (!output.json) {
      output.line(`Still serving. Dashboard: ${admin}   API through the proxy: ${proxy}/api/levels   Ctrl-C ends it.`);
    }
    await signalled;
    return EXIT.yes;
  } finally {
    output.note(paint('dim', 'stopping'));
    await stack.close();
  }
}
