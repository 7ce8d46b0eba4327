/** `shadowread compare`: every read of recorded traffic asked of both sides and judged. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { plainRoutes } from '../api/module.ts';
import { declareCallers } from '../base/caller.ts';
import { counted } from '../base/figure-words.ts';
import { createLog } from '../base/log.ts';
import type { LoadedConfig } from '../config.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { type Comparison, startComparison } from '../service/comparison.ts';
import { routeFinder } from '../service/route-finder.ts';
import { readSecrets } from '../service/secrets.ts';
import { openRecording, type Recording } from '../traffic/open.ts';
import type { Question } from '../traffic/question.ts';
import { type Outcome, type Report, reportOf } from '../traffic/report.ts';
import type { RunEnd } from '../traffic/run.ts';
import { questionsOf, type SelectOptions } from '../traffic/select.ts';
import { Progress, readState, runDigest } from '../traffic/state.ts';
import { Summary } from '../traffic/summary.ts';
import { Survey } from '../traffic/survey.ts';
import type { Route } from '../types.ts';
import { loadApiOf } from './api.ts';
import { onInterrupt } from './compare/interrupt.ts';
import { comparisonJunit } from './compare/junit.ts';
import { comparisonMarkdown } from './compare/markdown.ts';
import { ProgressLine } from './compare/progress-line.ts';
import { requireWritable, type Saving, savingTo } from './compare/saving.ts';
import { comparisonTable } from './compare/table.ts';
import { type CompareWishes, wishesOf } from './compare/wishes.ts';
import { surveyWords } from './compare/words.ts';
import { configOf, type Options, textOption } from './options.ts';
import { createOutput, type Output } from './output.ts';

/** Pause between two writings of the state file. */
const SAVE_MS = 5_000;
/** How long the end waits for what is under way: a pair that settles takes some seconds. */
const ENDING_MS = 15_000;

const EXITS: Readonly<Record<Outcome, ExitStatus>> = { match: EXIT.yes, mismatch: EXIT.no, undecided: EXIT.undecided };

export async function compare(args: readonly string[], options: Options): Promise<ExitStatus> {
  const wishes = wishesOf(args, options);
  const loaded = withSides(configOf(options), wishes);
  declareCallers(loaded.config.shadow.callerFields);
  const api = await loadApiOf(loaded);
  const routes = plainRoutes(api);
  const finder = routeFinder(routes, api.source.auto === true);
  if (api.source.auto !== true) requireRoutes(routes);
  const format = textOption(options, 'format') ?? 'table';
  const output = createOutput(format === 'json');
  const select: SelectOptions = { ...wishes, recordedOnly: wishes.recorded, match: finder.match };
  if (wishes.dryRun) return dryRun(wishes, select, output);

  const total = await countOf(wishes, select);
  const run = runDigest({ ...wishes, files: wishes.files.map((file) => resolve(file)), config: loaded.digest });
  const file = wishes.state ?? `.shadowread-compare-${run.slice(0, 8)}.json`;
  const saved = wishes.restart ? null : await readState(file, run);
  const progress = new Progress(saved);
  const summary = new Summary(saved?.summary);
  const saving = savingTo(file, () => progress.state(run, summary.data()), output.note);
  if (wishes.state !== null) await requireWritable(file, progress.state(run, summary.data()));
  const survey = new Survey();
  const line = new ProgressLine(total, progress.resumed);
  if (saved !== null)
    output.note(`continuing after ${counted(progress.resumed, 'read')} that an earlier run has judged (${file})`);

  const { config } = loaded;
  const comparison = await startComparison({
    config,
    api,
    routes,
    secrets: readSecrets(config, process.env),
    recorded: wishes.recorded,
    concurrency: wishes.concurrency,
    perSecond: wishes.rate === 0 ? null : wishes.rate,
    patienceMs: wishes.patience * 1_000,
    headers: wishes.headers,
    keep: wishes.keep,
    onJudged(question, verdict, detail) {
      progress.judged(question);
      summary.add(question, verdict, detail);
      line.judged(verdict.kind === 'mismatch');
      output.progress(line.text());
    },
    log: createLog(),
  });
  const questions = progress.left(questionsOf(recordingsOf(wishes), select, survey));
  const end = await finished(comparison, questions, saving, output);
  output.done();
  if (end === 'done') await saving.remove();
  else if (await saving.save()) {
    output.note(`run the same command to continue (${file}); --restart starts from the beginning`);
  }

  const limits = { min: wishes.min, routesSeen: wishes.routesSeen, lostShare: config.gate.forcedSkipLimit };
  const report = reportOf({
    survey: survey.figures(),
    summary: summary.data(),
    end,
    routesKnown: finder.routes.length,
    limits,
    resumed: progress.resumed,
  });
  print(report, format, output);
  return EXITS[report.outcome];
}

/** Without routes every read would be one of an unknown route, and the end would be that there is too little to say. */
function requireRoutes(routes: readonly Route[]): void {
  if (routes.length > 0) return;
  throw new ShadowError('SHADOW_ROUTE', 'no route is known, so there is nothing to compare', {
    expected: 'routes.table or routes.entries in the config',
    actual: 'neither',
    example: 'routes: { table: amanat }',
  });
}

/** Runs until all reads are judged or the run is stopped; saves the state meanwhile. */
async function finished(
  comparison: Comparison,
  questions: AsyncIterable<Question>,
  { save }: Saving,
  output: Output,
): Promise<RunEnd> {
  let saving: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    saving = saving.then(save);
  }, SAVE_MS);
  const deaf = onInterrupt(() => {
    output.note('stopping: reads under way still get a verdict; interrupt again to end at once');
    comparison.stop();
  });
  try {
    return await comparison.run(questions);
  } finally {
    clearInterval(timer);
    await saving;
    await comparison.close(ENDING_MS);
    deaf();
  }
}

async function* recordingsOf({ files, as, logFormat, variables }: CompareWishes): AsyncGenerator<Recording> {
  for (const file of files) yield await openRecording(file, { logFormat, variables }, as);
}

/** How many reads there are to ask, by reading the files once before; null where one can be read only once. */
async function countOf(wishes: CompareWishes, select: SelectOptions): Promise<number | null> {
  for (const file of wishes.files) {
    if (file === '-') return null;
    const stats = await stat(file).catch(() => null);
    // The code that opens the file reports a missing one.
    if (stats !== null && !stats.isFile()) return null;
  }
  return (await surveyed(wishes, select)).selected;
}

async function surveyed(wishes: CompareWishes, select: SelectOptions): Promise<ReturnType<Survey['figures']>> {
  const survey = new Survey();
  for await (const _question of questionsOf(recordingsOf(wishes), { ...select, shuffle: false }, survey));
  return survey.figures();
}

async function dryRun(wishes: CompareWishes, select: SelectOptions, output: Output): Promise<ExitStatus> {
  const figures = await surveyed(wishes, select);
  if (output.json) output.document(figures);
  else {
    for (const line of surveyWords(figures)) output.line(line);
    for (const { file, line, why } of figures.warnings) output.note(`${file}:${line}: ${why}`);
  }
  return figures.selected > 0 ? EXIT.yes : EXIT.undecided;
}

/** The sides that the command line names go before the config's. */
function withSides(loaded: LoadedConfig, { primaryUrl, twinUrl }: CompareWishes): LoadedConfig {
  const { config } = loaded;
  return {
    ...loaded,
    config: {
      ...config,
      primary: primaryUrl === null ? config.primary : { ...config.primary, url: primaryUrl },
      twin: twinUrl === null ? config.twin : { ...config.twin, url: twinUrl },
    },
  };
}

function print(report: Report, format: string, output: Output): void {
  switch (format) {
    case 'json':
      output.document(report);
      return;
    case 'junit':
      output.line(comparisonJunit(report));
      return;
    case 'markdown':
      output.line(comparisonMarkdown(report));
      return;
    default:
      output.line(comparisonTable(report));
  }
}
