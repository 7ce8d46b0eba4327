/** A mocha reporter that tells the process which runs several mochas side by side; see test/lanes.ts. */
import { relative } from 'node:path';
import mocha from 'mocha';

export type Told =
  | { readonly told: 'pass' }
  | { readonly told: 'pending'; readonly title: string }
  | { readonly told: 'fail'; readonly file: string; readonly title: string; readonly error: string }
  | { readonly told: 'file'; readonly file: string; readonly seconds: number }
  | { readonly told: 'end' };

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_RUN_END } =
  mocha.Runner.constants;

export default class LaneReporter extends mocha.reporters.Base {
  constructor(runner: mocha.Runner, options?: mocha.MochaOptions) {
    super(runner, options);
    const tell = (told: Told): void => void process.send?.(told);
    const began = new Map<string, number>();
    const spent = new Map<string, number>();
    const fileOf = ({ file }: { readonly file?: string | undefined }): string =>
      file === undefined ? '(hooks of the whole run)' : relative(process.cwd(), file);
    runner.on(EVENT_TEST_PASS, () => tell({ told: 'pass' }));
    runner.on(EVENT_TEST_PENDING, (test) => tell({ told: 'pending', title: test.fullTitle() }));
    runner.on(EVENT_TEST_FAIL, (test, error: Error) =>
      tell({ told: 'fail', file: fileOf(test), title: test.fullTitle(), error: error.stack ?? String(error) }),
    );
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      // The suites right below the root are the files'.
      if (suite.parent?.root === true) began.set(suite.fullTitle(), performance.now());
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      const at = began.get(suite.fullTitle());
      if (suite.parent?.root !== true || at === undefined) return;
      const file = fileOf(suite);
      const seconds = (spent.get(file) ?? 0) + (performance.now() - at) / 1_000;
      spent.set(file, seconds);
      tell({ told: 'file', file, seconds });
    });
    runner.on(EVENT_RUN_END, () => tell({ told: 'end' }));
  }
}
