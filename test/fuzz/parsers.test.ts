import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { sized } from '../support/sized.ts';
import { parsers } from './parsers/parsers.ts';

const RUNS = sized(100, 250);

describe('fuzz: parsers', () => {
  it('run each night for longer, all of them', () => {
    const { jobs } = parse(readFileSync(new URL('../../.github/workflows/nightly.yml', import.meta.url), 'utf8'));
    expect(jobs.fuzz.strategy.matrix.target).to.have.members(['connections', ...Object.keys(parsers)]);
  });

  for (const [name, target] of Object.entries(parsers))
    it(`${name}: ${RUNS} inputs of a fixed seed keep what ${target.what} promise`, async () => {
      const { failures, figures } = await target.fuzz({
        runs: RUNS,
        seed: 20_261_126,
        over: () => false,
        tell: () => undefined,
      });
      expect(failures).to.deep.equal([]);
      expect(figures['blocks reached']).to.be.greaterThan(0);
    });
});
