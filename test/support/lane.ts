/**
 * A process that runs test files one after the other, each as a mocha run of its own, with the modules that they share
 * loaded once; test/lanes.ts hands it a file whenever it is free.
 */
import { readdirSync, readFileSync } from 'node:fs';
import Mocha from 'mocha';
import { COMPILED } from './compiled.ts';

export type Told =
  | { readonly told: 'pass' }
  | { readonly told: 'pending'; readonly title: string }
  | { readonly told: 'fail'; readonly title: string; readonly error: string }
  /** The file is done. Seconds on the clock, and of CPU of this process and all that it started. */
  | { readonly told: 'done'; readonly seconds: number; readonly cpu: number };

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
const OPTIONS: Mocha.MochaOptions = JSON.parse(readFileSync(new URL('../../.mocharc.json', import.meta.url), 'utf8'));

// For the processes that tests start; functions from a cache have no coverage to be seen, which the fuzzer steers by.
Object.assign(process.env, COMPILED);

const tell = (told: Told): void => void process.send?.(told);

class LaneReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(EVENT_TEST_PASS, () => tell({ told: 'pass' }));
    runner.on(EVENT_TEST_PENDING, (test) => tell({ told: 'pending', title: test.fullTitle() }));
    runner.on(EVENT_TEST_FAIL, (test, error: Error) => failed(test.fullTitle(), error));
  }
}

process.on('message', (file: string) => void run(file));
process.once('disconnect', () => process.exit());

async function run(file: string): Promise<void> {
  const before = now();
  try {
    const mocha = new Mocha({ ...OPTIONS, reporter: LaneReporter });
    mocha.addFile(file);
    await mocha.loadFilesAsync();
    await new Promise((resolve) => mocha.run(resolve));
    // Its listeners on the process, too.
    mocha.dispose();
  } catch (error) {
    failed('(the file cannot be loaded)', error);
  }
  const after = now();
  tell({ told: 'done', seconds: after.seconds - before.seconds, cpu: after.cpu - before.cpu });
}

function failed(title: string, error: unknown): void {
  tell({ told: 'fail', title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

interface Spent {
  readonly seconds: number;
  readonly cpu: number;
}
/** Ticks a second of `/proc`, on every Linux there is. */
const TICKS = 100;

/** CPU is this process's and, where there is `/proc`, that of all below it: those that run and those that have ended. */
function now(): Spent {
  const seconds = performance.now() / 1_000;
  try {
    return { seconds, cpu: ticksBelow(process.pid) / TICKS };
  } catch {
    const { user, system } = process.cpuUsage();
    return { seconds, cpu: (user + system) / 1_000_000 };
  }
}

/** Ticks of a process and of its descendants; those of ended ones are in their parents' figures. */
function ticksBelow(root: number): number {
  const ticks = new Map<number, number>();
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statOf(name) : [];
    // ppid, then utime, stime, cutime and cstime: fields 4 and 14 to 17 of proc(5), the name being the second.
    const [parent, ...spent] = [fields[1], ...fields.slice(11, 15)].map(Number);
    if (parent === undefined || Number.isNaN(parent)) continue;
    ticks.set(
      Number(name),
      spent.reduce((sum, field) => sum + field, 0),
    );
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const sumOf = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + sumOf(child), ticks.get(pid) ?? 0);
  return sumOf(root);
}

/** The fields of `/proc/PID/stat` after the name; none where the process has just ended. */
function statOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}
