/** All of Amanat, once for a whole run of mocha: seeded (small), backfilled, reference API and twin serving. */

import { runReference } from '../../src/amanat/reference/run.ts';
import { runTwin } from '../../src/amanat/twin/run.ts';
import type { BackfillReport } from '../../src/migration/backfill.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import { givenStores } from './lane-stores.ts';
import { freshSeeded } from './seeded.ts';

export interface Amanat {
  readonly reference: string;
  readonly twin: string;
  readonly mongoUri: string;
  readonly databaseUrl: string;
  /** What the backfill of the seed reported. */
  readonly report: BackfillReport;
  close(): Promise<void>;
}

let shared: Promise<Amanat> | undefined;

/** The shared one. Nothing may be written to it: whoever writes starts one with `freshAmanat`. */
export function amanat(): Promise<Amanat> {
  shared ??= freshAmanat();
  return shared;
}

/** One of its own, to be closed by whoever asked. */
export async function freshAmanat(options: { readonly oracleQuoting?: boolean } = {}): Promise<Amanat> {
  const { mongoUri, databaseUrl, report } = await freshSeeded();
  const reference = await runReference({ mongoUri, oracleQuoting: options.oracleQuoting ?? false });
  // Each connection costs Postgres a process, which reads its catalogue anew.
  const twin = await runTwin({ databaseUrl, routes: amanatRoutes, connections: 4 });
  return {
    reference: reference.url,
    twin: twin.url,
    mongoUri,
    databaseUrl,
    report,
    async close() {
      await Promise.all([reference.close(), twin.close()]);
    },
  };
}

// Registered while mocha loads the files, so it runs after every test; a lane's ends with the lane.
if (givenStores() === null)
  after(async function closeSharedAmanat() {
    await (await shared)?.close();
    shared = undefined;
  });
