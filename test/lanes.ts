/**
 * `node test/lanes.ts [files…]`: runs the test files side by side, each lane a mocha of its own and one pair of stores
 * for all, and prints what failed, the slowest files, and one closing line. `--help` says what it takes.
 *
 * A file that fails is run once more, alone, when the lanes are done. One that passes then is named as unsteady: it
 * depends on how fast the machine is, which is a fault of the test.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { toolOf, wholeFrom } from '../config/tool.ts';
import { COMPILED } from './support/compiled.ts';
import type { Told } from './support/lane-reporter.ts';
import { openLaneStores } from './support/lane-stores.ts';
import { openScratch } from './support/scratch.ts';

const MOCHA = fileURLToPath(new URL('../node_modules/mocha/bin/mocha.js', import.meta.url));
const REPORTER = fileURLToPath(new URL('./support/lane-reporter.ts', import.meta.url));
const WEIGHTS = new URL('./weights.json', import.meta.url);
/** Seconds that a file is thought to take that was never measured. */
const UNKNOWN = 5;
const SLOWEST = 15;
/** Looks at its own coverage, which functions from a compile cache do not have. */
const STEERED = 'test/fuzz/parsers.test.ts';

interface Failure {
  readonly file: string;
  readonly title: string;
  readonly error: string;
}

interface Outcome {
  passed: number;
  pending: string[];
  failures: Failure[];
  /** Seconds by file, hooks included, and those of CPU among them. */
  seconds: Map<string, number>;
  cpu: Map<string, number>;
  /** False where a lane ended without telling its end. */
  complete: boolean;
}

const tool = toolOf({
  usage: 'npm run test:unit --',
  description: 'Runs the test files side by side; a file that fails is run once more, alone.',
  exits: { 0: 'all passed', 1: 'a test failed, a lane ended early, or nothing was run' },
})
  .argument('[files...]', 'files or patterns; all tests where none is named')
  // Lanes wait for timers and for other processes: two cores are busy for 86 % of a run with four, for 83 % with three.
  .option('--lanes <number>', 'how many at once', wholeFrom(1, 64), availableParallelism() + 2)
  .option('--record', 'writes what each file took to test/weights.json', false)
  .parse();
const asked = tool.opts<{ readonly lanes: number; readonly record: boolean }>();
const files = globSync(tool.args.length > 0 ? tool.args : ['test/**/*.test.ts']).sort();
if (files.length === 0) tool.error(`no file matches ${tool.args.join(' ')}`);
const lanes = Math.min(asked.lanes, files.length);
const began = performance.now();
const children = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exitCode = 1;
  });
}

const scratch = openScratch();
// The stores' data lies there, too.
Object.assign(process.env, scratch.environment);
// A single lane starts what its files ask for.
const stores = lanes > 1 ? await openLaneStores() : null;
const outcomes = await Promise.all(partition(files, lanes, weights()).map(run));
const seconds = new Map(outcomes.flatMap((outcome) => [...outcome.seconds]));
const cpu = new Map(outcomes.flatMap((outcome) => [...outcome.cpu]));
let passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const pending = outcomes.flatMap((outcome) => outcome.pending);
let failures = outcomes.flatMap((outcome) => outcome.failures);
let complete = outcomes.every((outcome) => outcome.complete);

const unsteady: string[] = [];
const failed = [...new Set(failures.map(({ file }) => file))];
if (complete && failed.length > 0 && failed.length <= 10) {
  print(`\n\n${failed.length} files failed; each is run once more, alone`);
  const left: Failure[] = [];
  for (const file of failed) {
    const again = await run([file]);
    complete &&= again.complete;
    const still = new Set(again.failures.map(({ title }) => title));
    for (const failure of failures.filter((one) => one.file === file)) {
      if (still.has(failure.title)) left.push(failure);
      else unsteady.push(`${file}: ${failure.title}\n      ${failure.error.split('\n')[0]}`);
    }
    left.push(
      ...again.failures.filter(({ title }) => !failures.some((one) => one.file === file && one.title === title)),
    );
  }
  passed += unsteady.length;
  failures = left;
}

await stores?.close();
scratch.close();

if (asked.record) {
  const rounded = [...seconds].sort().map(([file, took]) => [file, Math.round(took)]);
  writeFileSync(WEIGHTS, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
}
print('\n');
for (const title of pending) print(`  skipped: ${title}`);
for (const { file, title, error } of failures)
  print(`\n  ✗ ${file}: ${title}\n    ${error.replaceAll('\n', '\n    ')}`);
for (const line of unsteady) print(`\n  unsteady: ${line}`);
print(`\n  slowest files (of ${seconds.size}):`);
for (const [file, took] of [...seconds].sort(([, a], [, b]) => b - a).slice(0, SLOWEST))
  print(`  ${took.toFixed(1).padStart(7)} s  ${(cpu.get(file) ?? 0).toFixed(1).padStart(6)} s of CPU  ${file}`);
print(`\n  ${lanes} lanes, ${((performance.now() - began) / 1_000).toFixed(0)} s`);
if (!complete) print('  a lane ended before its last test');
print(`${passed} passed, ${failures.length} failed${pending.length > 0 ? `, ${pending.length} skipped` : ''}`);
process.exit(failures.length > 0 || !complete || passed === 0 ? 1 : 0);

/** The longest files first, each into the lane that has the least to do. */
function partition(all: readonly string[], count: number, known: Readonly<Record<string, number>>): string[][] {
  const made = Array.from({ length: count }, () => ({ files: [] as string[], load: 0 }));
  const weighed = all.map((file) => ({ file, weight: known[file] ?? UNKNOWN })).sort((a, b) => b.weight - a.weight);
  for (const { file, weight } of weighed) {
    const [lane] = made.toSorted((a, b) => a.load - b.load);
    lane?.files.push(file);
    if (lane !== undefined) lane.load += weight;
  }
  return made.map((lane) => lane.files).filter((lane) => lane.length > 0);
}

function weights(): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(WEIGHTS, 'utf8'));
  } catch {
    return {};
  }
}

function run(lane: readonly string[]): Promise<Outcome> {
  const outcome: Outcome = {
    passed: 0,
    pending: [],
    failures: [],
    seconds: new Map(),
    cpu: new Map(),
    complete: false,
  };
  const child = fork(MOCHA, ['--reporter', REPORTER, ...lane], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...(lane.includes(STEERED) ? {} : COMPILED), ...stores?.environment },
  });
  children.add(child);
  child.on('message', (told: Told) => {
    switch (told.told) {
      case 'pass':
        outcome.passed += 1;
        process.stdout.write('.');
        break;
      case 'pending':
        outcome.pending.push(told.title);
        process.stdout.write(',');
        break;
      case 'fail':
        outcome.failures.push(told);
        process.stdout.write('!');
        break;
      case 'file':
        outcome.seconds.set(told.file, told.seconds);
        outcome.cpu.set(told.file, told.cpu);
        break;
      case 'end':
        outcome.complete = true;
        break;
    }
  });
  return new Promise((resolve) => {
    child.once('exit', () => {
      children.delete(child);
      resolve(outcome);
    });
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
