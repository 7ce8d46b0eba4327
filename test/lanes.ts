/**
 * `node test/lanes.ts [files…]`: runs the test files side by side in some processes, the longest first, with one pair of
 * stores for all, and prints what failed, the slowest files, and one closing line. `--help` says what it takes.
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
import type { Told } from './support/lane.ts';
import { openLaneStores } from './support/lane-stores.ts';
import { openScratch } from './support/scratch.ts';
import { sized } from './support/sized.ts';

const LANE = fileURLToPath(new URL('./support/lane.ts', import.meta.url));
const WEIGHTS = new URL('./weights.json', import.meta.url);
/** Seconds that a file is thought to take that was never measured. */
const UNKNOWN = 5;
const WHOLE = '.whole.test.ts';
const SLOWEST = 15;
/** Looks at its own coverage, which functions from a compile cache do not have. */
const STEERED = 'test/fuzz/parsers.test.ts';

interface Failure {
  readonly file: string;
  readonly title: string;
  readonly error: string;
}

interface Took {
  readonly seconds: number;
  /** Of CPU, processes included. */
  readonly cpu: number;
}

const tool = toolOf({
  usage: 'npm run test:unit --',
  description: 'Runs the test files side by side; a file that fails is run once more, alone.',
  exits: { 0: 'all passed', 1: 'a test failed, a lane ended early, or nothing was run' },
})
  .argument(
    '[files...]',
    'files or patterns; where none is named all but *.whole.test.ts, and those too with TESTS_WHOLE=1',
  )
  // Lanes wait for timers and for other processes: with four, two cores are busy for 97 % of a run; five were no faster.
  .option('--lanes <number>', 'how many at once', wholeFrom(1, 64), availableParallelism() + 2)
  .option('--record', 'writes what each file took to test/weights.json', false)
  .parse();
const asked = tool.opts<{ readonly lanes: number; readonly record: boolean }>();
const files = filesAsked();
if (files.length === 0) tool.error(`no file matches ${tool.args.join(' ')}`);
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
// A single file starts what it asks for.
const stores = files.length > 1 ? await openLaneStores() : null;
let passed = 0;
/** Files that a lane was at when it ended, and how it did. */
const cut: string[] = [];
const pending: string[] = [];
let failures: Failure[] = [];
const took = new Map<string, Took>();
const known = weights();
const weightOf = (file: string): number => known[file] ?? UNKNOWN;
const waiting = files.filter((file) => file !== STEERED).sort((a, b) => weightOf(b) - weightOf(a));
const lanes = Math.min(asked.lanes, waiting.length);
await Promise.all([
  ...Array.from({ length: lanes }, () => lane(waiting, COMPILED)),
  ...(files.includes(STEERED) ? [lane([STEERED], {})] : []),
]);

const unsteady: string[] = [];
const failed = [...new Set(failures.map(({ file }) => file))];
if (cut.length === 0 && failed.length > 0 && failed.length <= 10) {
  print(`\n\n${failed.length} files failed; each is run once more, alone`);
  const [first, before, skipped] = [failures, passed, pending.length];
  failures = [];
  for (const file of failed) await lane([file], file === STEERED ? {} : COMPILED);
  const still = new Set(failures.map(({ file, title }) => `${file} ${title}`));
  for (const { file, title, error } of first)
    if (!still.has(`${file} ${title}`)) unsteady.push(`${file}: ${title}\n      ${error.split('\n')[0]}`);
  passed = before + unsteady.length;
  pending.length = skipped;
}

await stores?.close();
scratch.close();

if (asked.record) {
  const rounded = [...took].sort().map(([file, { seconds }]) => [file, Math.round(seconds)]);
  writeFileSync(WEIGHTS, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
}
print('\n');
for (const title of pending) print(`  skipped: ${title}`);
for (const { file, title, error } of failures)
  print(`\n  ✗ ${file}: ${title}\n    ${error.replaceAll('\n', '\n    ')}`);
for (const line of unsteady) print(`\n  unsteady: ${line}`);
print(`\n  slowest files (of ${took.size}):`);
for (const [file, { seconds, cpu }] of [...took].sort(([, a], [, b]) => b.seconds - a.seconds).slice(0, SLOWEST))
  print(`  ${seconds.toFixed(1).padStart(7)} s  ${cpu.toFixed(1).padStart(6)} s of CPU  ${file}`);
print(`\n  ${lanes} lanes, ${((performance.now() - began) / 1_000).toFixed(0)} s`);
for (const file of cut) print(`  a process ended before the last test of ${file}`);
print(`${passed} passed, ${failures.length} failed${pending.length > 0 ? `, ${pending.length} skipped` : ''}`);
process.exit(failures.length > 0 || cut.length > 0 || passed === 0 ? 1 : 0);

/** Those named; else all, of which those that only the whole run has are left out of the usual one. */
function filesAsked(): string[] {
  if (tool.args.length > 0) return globSync(tool.args).sort();
  const all = globSync('test/**/*.test.ts').sort();
  return all.filter((file) => sized(!file.endsWith(WHOLE), true));
}

function weights(): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(WEIGHTS, 'utf8'));
  } catch {
    return {};
  }
}

/** Takes the first file of the queue whenever its process is free, until none is left or the process ends. */
function lane(queue: string[], environment: Readonly<Record<string, string>>): Promise<void> {
  const child = fork(LANE, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment, ...stores?.environment },
  });
  children.add(child);
  let file: string | undefined;
  const next = (): void => {
    file = queue.shift();
    if (file === undefined) child.disconnect();
    else child.send(file);
  };
  next();
  child.on('message', (told: Told) => {
    switch (told.told) {
      case 'pass':
        passed += 1;
        process.stdout.write('.');
        break;
      case 'pending':
        pending.push(told.title);
        process.stdout.write(',');
        break;
      case 'fail':
        failures.push({ file: file ?? '', title: told.title, error: told.error });
        process.stdout.write('!');
        break;
      case 'done':
        took.set(file ?? '', { seconds: told.seconds, cpu: told.cpu });
        next();
        break;
    }
  });
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      children.delete(child);
      if (file !== undefined) cut.push(`${file} (${signal ?? `status ${code}`})`);
      resolve();
    });
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
