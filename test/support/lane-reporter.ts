/** A mocha reporter that tells the process which runs several mochas side by side; see test/lanes.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import mocha from 'mocha';
import { COMPILED } from './compiled.ts';

export type Told =
  | { readonly told: 'pass' }
  | { readonly told: 'pending'; readonly title: string }
  | { readonly told: 'fail'; readonly file: string; readonly title: string; readonly error: string }
  | { readonly told: 'file'; readonly file: string; readonly seconds: number; readonly cpu: number }
  | { readonly told: 'end' };

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_RUN_END } =
  mocha.Runner.constants;

// For the processes that tests start; functions from a cache have no coverage to be seen, which the fuzzer steers by.
Object.assign(process.env, COMPILED);

export default class LaneReporter extends mocha.reporters.Base {
  constructor(runner: mocha.Runner, options?: mocha.MochaOptions) {
    super(runner, options);
    const tell = (told: Told): void => void process.send?.(told);
    const began = new Map<string, Spent>();
    const spent = new Map<string, Spent>();
    const fileOf = ({ file }: { readonly file?: string | undefined }): string =>
      file === undefined ? '(hooks of the whole run)' : relative(process.cwd(), file);
    runner.on(EVENT_TEST_PASS, () => tell({ told: 'pass' }));
    runner.on(EVENT_TEST_PENDING, (test) => tell({ told: 'pending', title: test.fullTitle() }));
    runner.on(EVENT_TEST_FAIL, (test, error: Error) =>
      tell({ told: 'fail', file: fileOf(test), title: test.fullTitle(), error: error.stack ?? String(error) }),
    );
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      // The suites right below the root are the files'.
      if (suite.parent?.root === true) began.set(suite.fullTitle(), now());
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      const at = began.get(suite.fullTitle());
      if (suite.parent?.root !== true || at === undefined) return;
      const file = fileOf(suite);
      const before = spent.get(file) ?? { seconds: 0, cpu: 0 };
      const { seconds, cpu } = now();
      const sum = { seconds: before.seconds + seconds - at.seconds, cpu: before.cpu + cpu - at.cpu };
      spent.set(file, sum);
      tell({ told: 'file', file, ...sum });
    });
    runner.on(EVENT_RUN_END, () => tell({ told: 'end' }));
  }
}

/** Seconds on the clock and of CPU. */
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
