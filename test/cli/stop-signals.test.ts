import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { onInterrupt } from '../../src/cli/compare/interrupt.ts';
import { stopRequested } from '../../src/cli/serving.ts';
import { onStopSignal, STOP_SIGNALS } from '../../src/cli/stop-signals.ts';

const listeners = (): number => STOP_SIGNALS.reduce((sum, signal) => sum + process.listenerCount(signal), 0);

/** Says how many listen to SIGHUP while it serves. */
const SERVING = `
const { serveUntilStopped } = await import(${JSON.stringify(new URL('../../src/cli/serving.ts', import.meta.url).href)});
for (const [sentence, reloads] of [['ends with its terminal', false], ['reads its config again', true]]) {
  const { promise: ended, resolve: end } = Promise.withResolvers();
  const serving = { addresses: {}, sentence: '', reloads, ended, close: async () => undefined };
  const output = process.stdout.write;
  process.stdout.write = () => true;
  const served = serveUntilStopped(serving, {});
  process.stdout.write = output;
  console.log(sentence + ': ' + process.listenerCount('SIGHUP'));
  end();
  await served;
}
process.exit();
`;

describe('a command that is asked to stop', () => {
  // Others listen in this process, too, and are not to hear what is emitted here.
  const others = new Map(STOP_SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  before(() => {
    for (const signal of STOP_SIGNALS) process.removeAllListeners(signal);
  });
  after(() => {
    for (const [signal, listeners] of others) for (const listener of listeners) process.on(signal, listener);
  });

  it('hears Ctrl-C, a supervisor and the end of its terminal alike, once', () => {
    for (const signal of STOP_SIGNALS) {
      let stops = 0;
      onStopSignal(() => {
        stops += 1;
      });
      process.emit(signal);
      expect(stops, signal).to.equal(1);
      expect(listeners(), 'the next one ends the process').to.equal(0);

      const end = onInterrupt(() => {
        stops += 1;
      });
      process.emit(signal);
      end();
      expect(stops, `compare, ${signal}`).to.equal(2);
    }
    onStopSignal(() => undefined)();
    expect(listeners()).to.equal(0);
  });

  it('that learns or serves ends in order with its terminal; one that reads its config again at SIGHUP serves on', async () => {
    const learning = stopRequested({ untilStdinEnds: false, orphanOf: 'npm', onHangup: true });
    process.emit('SIGHUP');
    expect(await learning).to.equal('orphaned');

    // In a process of its own: one that has served leaves soon after.
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', SERVING]);
    expect(stdout).to.equal('ends with its terminal: 1\nreads its config again: 0\n');
  });
});
