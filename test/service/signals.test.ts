import { spawnSync } from 'node:child_process';
import { expect } from 'chai';

const MODULE = new URL('../../src/service/signals.ts', import.meta.url).href;

/** What a process of its own says, which signals itself in each of its states. */
function said(serves: boolean): string {
  const script = `
    import { heedSignals } from ${JSON.stringify(MODULE)};
    const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
    const send = async (name) => { process.kill(process.pid, name); await turn(); };
    const say = (word) => process.stdout.write(word + ' ');
    const signals = heedSignals();
    await send('SIGHUP');
    await send('SIGUSR2');
    if (${serves}) {
      say('serves');
      signals.serve({ toggle: async () => say('toggle'), reload: async () => { say('reload'); throw new Error('refused'); } },
        { info: say, warn: say, often: say });
      await turn();
      await send('SIGHUP');
    }
    signals.ignore();
    await send('SIGHUP');
    await send('SIGUSR2');
    say('ends');`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return `${stdout}${signal ?? 'by itself'}`;
}

describe('SIGHUP and SIGUSR2', () => {
  it('that come while a process starts are done once it serves, and none that comes while it ends ends it', () => {
    expect(said(true)).to.equal('serves reload toggle refused reload refused ends by itself');
  });

  it('end no process that never serves by itself', () => {
    expect(said(false)).to.equal('ends by itself');
  });
});
