/**
 * The demo's story: traffic that agrees, and gates that pass; faults in Postgres, found, and gates that fail; a repair;
 * traffic again, no fault left, and the same gates pass in a new epoch.
 */

import { MongoClient } from 'mongodb';
import { counted } from '../../base/figure-words.ts';
import { openPostgresPool } from '../../base/postgres.ts';
import { Acts, type Gates, readsOf, shortOf } from './acts.ts';
import { readCatalogue } from './catalogue.ts';
import { runChild } from './child.ts';
import { injectFaults } from './faults.ts';
import type { FoundFault, Judged, Status } from './outcome.ts';
import { seeded } from './random.ts';
import type { Stack } from './stack.ts';

export interface Story {
  readonly reads: number;
  /** Requests that got no answer. */
  readonly failed: number;
  /** Fingerprints there were before anything was broken: there should be none. */
  readonly early: number;
  readonly status: Status;
  readonly judged: Judged;
  readonly before: Gates;
  /** With the faults in Postgres. */
  readonly broken: Gates;
  /** Null with `--keep-faults`. */
  readonly repair: Repaired | null;
}

export interface Repaired {
  /** Exit status of `shadowread repair --all`. */
  readonly status: number;
  /** Ids of the faults it calls repaired. */
  readonly faults: readonly string[];
  /** Faults that are open at the end. */
  readonly open: readonly FoundFault[];
  readonly after: Gates;
}

export interface StoryOptions {
  readonly stack: Stack;
  readonly seed: number;
  /** Reads of the traffic before the faults, and of that after the repair; half of them in between. */
  readonly requests: number;
  readonly keepFaults: boolean;
  readonly signal: AbortSignal;
  onProgress(text: string): void;
  onStep(text: string): void;
  /** Called and awaited when the faults are found and still in Postgres. */
  onBroken?(): Promise<void>;
}

export async function playStory(options: StoryOptions): Promise<Story> {
  const { stack, seed, requests, keepFaults, signal } = options;
  const mongo = await MongoClient.connect(stack.mongo);
  const sql = openPostgresPool(stack.postgres, { name: 'shadowread-demo', max: 2 });
  try {
    const catalogue = await readCatalogue(mongo.db());
    const random = seeded(seed);
    const acts = new Acts(options, catalogue, random);

    await acts.traffic('traffic', requests, []);
    const before = await acts.gatesAfter('what the gates still want', shortOf, []);
    const early = (await acts.admin.fingerprints()).length;

    const injected = await injectFaults({ sql, catalogue, random });
    options.onStep(`${counted(injected.length, 'fault')} put into Postgres by hand`);
    acts.onlyNew = true;
    await acts.traffic('traffic with the faults', requests / 2, readsOf(injected));
    const judged = await acts.untilFound(injected);
    // A gate counts the comparisons in one of the twin's two forms: each fault has to show in that one.
    const moved = new Set(injected.map(({ domain }) => domain));
    const unmoved = (gates: Gates): readonly string[] =>
      [...moved].filter((domain) => gates[domain]?.outcome !== 'fail');
    const broken = await acts.gatesAfter('faults that no gate counts yet', unmoved, injected);
    await options.onBroken?.();
    if (keepFaults || signal.aborted) return { ...acts.told(), early, judged, before, broken, repair: null };

    const { status, document, err } = await runChild(['repair', '--all', '--reason', 'the demo'], stack.environment);
    const faults = repairedIn(document);
    options.onStep(`shadowread repair --all: ${counted(faults.length, 'fault')} repaired, exit status ${status}`);
    if (status !== 0) options.onStep(err.trim().slice(-1_000));
    for (const [domain, { outcome, epoch }] of Object.entries(broken)) {
      if (outcome !== 'pass' && epoch !== null) await acts.admin.newEpoch(domain, 'the faults were repaired');
    }
    acts.onlyNew = false;
    acts.beginEpochs();
    // The proxy learns of the new epochs from the first reads of each domain; those that showed the faults come again below.
    await acts.traffic(
      'first reads after the repair',
      0,
      injected.flatMap(({ reads }) => reads),
    );
    await acts.traffic('traffic after the repair', requests, readsOf(injected));
    const after = await acts.gatesAfter('what the gates still want', shortOf, []);
    const open = (await acts.admin.faults()).filter(({ state }) => state !== 'repaired');
    return { ...acts.told(), early, judged, before, broken, repair: { status, faults, open, after } };
  } finally {
    await Promise.all([mongo.close(), sql.end({ timeout: 1 })]);
  }
}

function repairedIn(document: unknown): readonly string[] {
  if (typeof document !== 'object' || document === null || !('faults' in document)) return [];
  return Array.isArray(document.faults) ? document.faults.filter((id) => typeof id === 'string') : [];
}
