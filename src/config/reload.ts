/** Which options a reload applies, and which need a restart. */
import type { Config } from '../config-schema.ts';
import { isTree } from './tree.ts';

/** Options that SIGHUP applies at once. Sockets, threads and stores are opened with all others, which need a restart. */
export const RELOADED: ReadonlySet<string> = new Set([
  'twin.concurrency',
  'twin.perSecond',
  'shadow.enabled',
  'shadow.sample',
  'shadow.sampleBy',
  'limits.heldBytes',
  'limits.bodyBytes',
  'limits.queue',
  'limits.waitMs',
  'limits.recheckPerSecond',
  'routes.overrides',
  'domains',
  // Its files are read again. Whether there is TLS at all is for a restart.
  'listen.tls',
]);

/** Paths of the options whose change needs a restart. */
export function needsRestart(before: Config, after: Config): readonly string[] {
  const changed = changedPaths(before, after, '');
  const protocol = (before.listen.tls === undefined) !== (after.listen.tls === undefined);
  return protocol ? [...changed, 'listen.tls'] : changed;
}

function changedPaths(before: unknown, after: unknown, path: string): string[] {
  if (RELOADED.has(path)) return [];
  if (!isTree(before) || !isTree(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedPaths(before[key], after[key], path === '' ? key : `${path}.${key}`));
}
