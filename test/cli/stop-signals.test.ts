import { expect } from 'chai';
import { onInterrupt } from '../../src/cli/compare/interrupt.ts';
import { serveUntilStopped, stopRequested } from '../../src/cli/serving.ts';
import { onStopSignal, STOP_SIGNALS } from '../../src/cli/stop-signals.ts';

const listeners = (): number => STOP_SIGNALS.reduce((sum, signal) => sum + process.listenerCount(signal), 0);

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

    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const serving = serveUntilStopped(
      { addresses: {}, sentence: '', reloads: true, ended, close: async () => end() },
      { format: 'json' },
    );
    expect(process.listenerCount('SIGHUP')).to.equal(0);
    end();
    await serving;
  });
});
