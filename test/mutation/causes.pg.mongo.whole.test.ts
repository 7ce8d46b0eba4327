import { expect } from 'chai';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { type OpenCauseSystem, openCauseSystem } from './cause-system.ts';
import { type CauseSystem, dataTrials, logicTrials, type Trial } from './causes.ts';
import { mutants } from './mutants.ts';
import { collectPairs } from './pair.ts';

describe('the cause of injected faults', () => {
  let open: OpenCauseSystem;
  let system: CauseSystem;

  before(async () => {
    open = await openCauseSystem();
    system = open.system;
  });
  after(() => open.close());

  const isData = (trial: Trial, by: 'truth' | 'said'): boolean => !['twin_logic', 'unknown'].includes(trial[by]);

  function judge(name: string, trials: readonly Trial[]): void {
    const wrong = trials.filter((trial) => trial.said !== trial.truth);
    const crossed = wrong.filter(
      (trial) => trial.said !== 'unknown' && isData(trial, 'truth') !== isData(trial, 'said'),
    );
    const lines = wrong.map(
      ({ fault, what, target, representation, truth, said, note }) =>
        `${fault}: ${what} by ${target} (${representation}): ${said}${note === null ? '' : ` (${note})`} where ${truth} is right`,
    );
    const share = (1 - wrong.length / trials.length) * 100;
    console.log(
      `      ${name}: ${trials.length} faults, the cause right in ${share.toFixed(1)} %, ${crossed.length} between data and logic`,
    );
    for (const line of lines) console.log(`        ${line}`);
    expect(crossed, 'taken for each other').to.deep.equal([]);
    expect(share).to.be.at.least(99);
  }

  it('is found in rows and documents, by single entities, lists and sums', async () => {
    const trials = await dataTrials(system, seeded(11), 1);
    expect(new Set(trials.map(({ domain }) => domain)).size).to.equal(10);
    expect(trials.length).to.be.greaterThan(120);
    judge('data', trials);
  });

  it('is found in answers that the rows do not explain', async () => {
    const pairs = await collectPairs({ ...system, catalogue: await readCatalogue(system.mongo) }, seeded(12), 2);
    const ids = (of: string): string[] => [
      ...new Set(pairs.filter((pair) => pair.representation === of).flatMap((pair) => pair.twin.text.match(ID) ?? [])),
    ];
    const operators = mutants({ twin: ids('twin').filter((id) => id.length === 36), primary: ids('primary') });
    judge('logic', await logicTrials(system, pairs, operators, seeded(13), 200));
  });
});

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{24}\b/g;
