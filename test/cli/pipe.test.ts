import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const BIN = fileURLToPath(new URL('../../bin/shadowread.js', import.meta.url));
/** No journal listens there: a gate cannot decide, which is 2, and prints its table nevertheless. */
const NOWHERE = 'postgres://nobody@127.0.0.1:9/none';

describe('a command whose reader is gone', () => {
  for (const [args, status] of [
    [['--help'], 0],
    [['gate', 'payments'], 2],
    [['gate', '--all', '--json'], 2],
  ] as const)
    it(`ends quietly with its own status: ${args.join(' ')} ends with ${status}`, async () => {
      const child = spawn(process.execPath, [BIN, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, SHADOWREAD_JOURNAL_URL: NOWHERE },
      });
      // Before anything was written: every write finds the pipe closed.
      child.stdout.destroy();
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
      });
      const [code] = await once(child, 'close');
      expect(said).to.not.match(/EPIPE|Unhandled|\n\s+at /);
      expect(code).to.equal(status);
    });
});

describe('a command whose output cannot be written', () => {
  it('says so in one line, and does not end as if it had answered', function () {
    if (!existsSync('/dev/full')) this.skip();
    const full = openSync('/dev/full', 'w');
    try {
      const { status, stderr } = spawnSync(process.execPath, [BIN, '--help'], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      expect(stderr).to.match(/^SHADOW_INTERNAL: the output cannot be written; found ENOSPC[^\n]*\n$/);
      expect(status).to.equal(2);
    } finally {
      closeSync(full);
    }
  });
});

describe('a serving process whose log is not read', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/base/log.ts', import.meta.url).href)};
    import { serveUntilStopped } from ${JSON.stringify(new URL('../../src/cli/serving.ts', import.meta.url).href)};
    const log = createLog();
    for (let i = 0; i < 40; i += 1) log.info('x'.repeat(100_000));
    process.stdout.write(process.stderr.writableLength + ' ');
    setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);
    await serveUntilStopped({ addresses: {}, sentence: 'serves', close: async () => process.stdout.write('closed') }, {});
    process.exitCode = 3;`;

  it('holds no more of it than its limit, and ends where it is told to', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-log-'));
    const fifo = join(folder, 'log');
    if (spawnSync('mkfifo', [fifo]).status !== 0) this.skip();
    // Open at both ends, so that it is there, and full.
    const unread = openSync(fifo, 'r+');
    try {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', unread],
      });
      let said = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
      });
      const [status] = await once(child, 'close');
      expect(status).to.equal(3);
      expect(said).to.match(/^\d+ serves\nclosed$/);
      expect(Number.parseInt(said, 10)).to.be.within(100_000, 1_200_000);
    } finally {
      closeSync(unread);
      rmSync(folder, { recursive: true });
    }
  });
});
