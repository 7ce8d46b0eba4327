/** What a comparison leaves in the journal, and what the gate makes of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openReader } from '../../src/journal/reader.ts';
import { freshJournal } from '../support/journal-database.ts';
import { runCommand } from '../support/run-command.ts';
import { startTwoSides, type TwoSides } from './two-sides.ts';

describe('shadowread compare --keep', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-keep-'));
  let sides: TwoSides;
  let journal = '';

  beforeEach(async () => {
    sides = await startTwoSides((id, right) => (id === '1' ? { ...right, amount: '12.51' } : right));
    journal = await freshJournal();
  });
  afterEach(() => sides.close());
  after(() => rmSync(folder, { recursive: true }));

  async function keep(more: string): Promise<void> {
    const traffic = join(folder, 'targets.txt');
    writeFileSync(traffic, '/things/1\n/things/2\n/things/3\n');
    const config = join(folder, 'config.yaml');
    writeFileSync(config, `${readFileSync(sides.config, 'utf8')}${more}`);
    const ran = await runCommand(['--config', config, 'compare', traffic, '--keep', '--state', join(folder, 'state')], {
      SHADOWREAD_JOURNAL_URL: journal,
    });
    expect(ran.status, ran.err).to.equal(1);
  }
  const comparedIn = async (
    domain: string,
  ): Promise<readonly [epoch: boolean, compared: number, mismatches: number]> => {
    const reader = openReader({ url: journal });
    try {
      const { epoch, counts } = await reader.evidence(domain);
      const { rows } = await reader.mismatches({ domain, limit: 10 });
      return [epoch !== null, counts.match + counts.settled + counts.mismatch, rows.length];
    } finally {
      await reader.close();
    }
  };

  it('labels what it found, and gives the gate nothing', async () => {
    await keep('');
    expect(await comparedIn('things')).to.deep.equal([false, 0, 0]);
    expect(await comparedIn('things@recorded')).to.deep.equal([true, 3, 1]);
    const reader = openReader({ url: journal });
    const [found] = (await reader.mismatches({ domain: 'things@recorded', limit: 1 })).rows;
    const detail = await reader.mismatch(found?.id ?? '');
    await reader.close();
    expect(detail?.verdict.source).to.equal('recorded');
    // Of its own, so that what is acknowledged or counted of the live one stays as it is.
    expect(detail?.fingerprints.every((fingerprint) => fingerprint.startsWith('recorded-'))).to.equal(true);
  });

  it('is evidence where the config says so', async () => {
    await keep('gate: { sources: [live, recorded] }\n');
    expect(await comparedIn('things')).to.deep.equal([true, 3, 1]);
    expect(await comparedIn('things@recorded')).to.deep.equal([false, 0, 0]);
  });
});
