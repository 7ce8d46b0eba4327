import { callerKeyOf } from '../base/caller.ts';
import { placeOf } from '../base/hash.ts';
import type { IncomingRead, RoutePolicy } from '../types.ts';

/**
 * Whether this read is among the sampled ones. By `read` it is chance, drawn anew and not from the trace id, else the
 * trace sampling would decide what is verified; by `entity` and `caller` it is a hash, so that the same one is always
 * in or always out, in every replica.
 */
export function isSampled(read: IncomingRead, policy: RoutePolicy, chance: () => number): boolean {
  if (policy.sample >= 1) return true;
  if (policy.sample <= 0) return false;
  switch (policy.sampleBy) {
    case 'read':
      return chance() < policy.sample;
    case 'entity':
      return placeOf(entityOf(read)) < policy.sample;
    case 'caller':
      return placeOf(callerKeyOf(read.rawHeaders)) < policy.sample;
  }
}

/** A pattern with parameters names one entity by its path, whatever is asked about it; else the whole target does. */
function entityOf(read: IncomingRead): string {
  if (!read.route.pattern.includes(':')) return read.target;
  const query = read.target.indexOf('?');
  return query < 0 ? read.target : read.target.slice(0, query);
}

/** `name` in any spelling; the length first, since this runs for every field of every read. */
export function isNamed(name: string, lowercase: string): boolean {
  return name.length === lowercase.length && name.toLowerCase() === lowercase;
}
