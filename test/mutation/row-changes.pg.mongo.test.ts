import { expect } from 'chai';
import { seeded } from '../../src/amanat/demo/random.ts';
import type { Fault } from '../../src/types.ts';
import { sized } from '../support/sized.ts';
import { type OpenCauseSystem, openCauseSystem } from './cause-system.ts';
import { causeOf, seen } from './causes.ts';
import { changeRows } from './row-changes.ts';

/** Rows broken at once. */
const CHANGES = sized(40, 60);

// 21 draws an entity that each side chooses another of; 22 an answer that is asked for by an email.
for (const seed of sized([22], [21, 22, 23, 24, 25, 26])) {
  faultsOf(seed);
}

function faultsOf(seed: number): void {
  describe(`faults of many broken rows, seed ${seed}`, function () {
    // The changes stay: a second try would find those of the first.
    this.retries(0);
    let open: OpenCauseSystem;

    before(async () => {
      open = await openCauseSystem();
    });
    after(() => open.close());

    it('are as many as rows were changed, none twice and none else, whichever answers show them', async () => {
      const { system } = open;
      const random = seeded(seed);
      const changes = await changeRows(system, random, CHANGES);
      expect(changes.length).to.equal(CHANGES);
      expect(new Set(changes.map(({ collection }) => collection)).size).to.be.at.least(sized(14, 16));
      const found = new Map<string, Fault & { readonly routes: Set<string> }>();
      const asked = new Set<string>();
      for (const { doc, views } of changes) {
        for (const view of views) {
          const pair = await seen(system, view, doc, random.pick(['primary', 'twin']));
          const question = `${pair.target} ${pair.caller ?? ''} ${pair.representation}`;
          if (asked.has(question)) continue;
          asked.add(question);
          const finding = await causeOf(system, pair, pair.twin);
          for (const fault of finding?.faults ?? []) {
            const known = found.get(fault.id) ?? { ...fault, routes: new Set<string>() };
            known.routes.add(`${view.route} ${finding?.note ?? ''}`);
            found.set(fault.id, known);
          }
        }
      }
      const line = (one: Pick<Fault, 'cause' | 'collection' | 'entity' | 'field'>): string =>
        `${one.cause} ${one.collection}/${one.entity} ${one.field ?? '(row)'}`;
      const named = (fault: Fault & { readonly routes: Set<string> }): string =>
        fault.entity === null
          ? `${fault.cause} ${fault.route} ${fault.sample?.path} ${fault.sample?.kind}: ${[...fault.routes]}`
          : line(fault);
      console.log(`      ${asked.size} answers, ${found.size} faults of ${changes.length} changes`);
      expect([...found.values()].map(named).sort()).to.deep.equal(changes.map(line).sort());
    });
  });
}
