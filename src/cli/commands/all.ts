/** Every command, in the order of the help. A command is its file here, which declares it, and its file in src/cli/, which runs it. */

import { backfill } from './backfill.ts';
import { compare } from './compare.ts';
import { config } from './config.ts';
import { decisions } from './decisions.ts';
import type { CommandDeclaration } from './declare.ts';
import { demo } from './demo.ts';
import { drain } from './drain.ts';
import { epoch } from './epoch.ts';
import { fault } from './fault.ts';
import { faults } from './faults.ts';
import { fingerprints } from './fingerprints.ts';
import { flip } from './flip.ts';
import { gaps } from './gaps.ts';
import { gate } from './gate.ts';
import { ids } from './ids.ts';
import { init } from './init.ts';
import { learn } from './learn.ts';
import { mismatch } from './mismatch.ts';
import { mismatches } from './mismatches.ts';
import { proxy } from './proxy.ts';
import { prune } from './prune.ts';
import { recheck } from './recheck.ts';
import { reconcile } from './reconcile.ts';
import { reference } from './reference.ts';
import { repair } from './repair.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { rollback } from './rollback.ts';
import { simulate } from './simulate.ts';
import { sink } from './sink.ts';
import { status } from './status.ts';
import { twin } from './twin.ts';
import { verify } from './verify.ts';
import { watch } from './watch.ts';

export const COMMANDS: readonly CommandDeclaration[] = [
  demo,
  proxy,
  sink,
  twin,
  reference,
  backfill,
  verify,
  reconcile,
  drain,
  gaps,
  repair,
  status,
  gate,
  decisions,
  epoch,
  ids,
  flip,
  rollback,
  compare,
  init,
  learn,
  report,
  mismatches,
  faults,
  fault,
  fingerprints,
  mismatch,
  recheck,
  replay,
  watch,
  config,
  prune,
  simulate,
];
