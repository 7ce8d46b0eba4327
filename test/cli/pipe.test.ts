import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
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
