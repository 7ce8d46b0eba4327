/** A mocha reporter that tells the process which runs several mochas side by side; see test/lanes.ts. */
import { readFileSync } from 'node:fs';
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

/** CPU is this process's and, where there is `/proc`, that of the processes it started which have ended. */
function now(): Spent {
  const seconds = performance.now() / 1_000;
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
    // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), the name being the second.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { seconds, cpu: ticks / TICKS };
  } catch {
    const { user, system } = process.cpuUsage();
    return { seconds, cpu: (user + system) / 1_000_000 };
  }
}
