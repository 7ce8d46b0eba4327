import type { IncomingRead, RawHeaders, RoutePolicy } from '../types.ts';

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
      return unit(entityOf(read)) < policy.sample;
    case 'caller':
      return unit(callerOf(read.rawHeaders)) < policy.sample;
  }
}

/** A pattern with parameters names one entity by its path, whatever is asked about it; else the whole target does. */
function entityOf(read: IncomingRead): string {
  if (!read.route.pattern.includes(':')) return read.target;
  const query = read.target.indexOf('?');
  return query < 0 ? read.target : read.target.slice(0, query);
}

/** Who asks: the credentials as sent; all anonymous callers are one. */
export function callerOf(rawHeaders: RawHeaders): string {
  let caller = '';
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (isNamed(name, 'authorization') || isNamed(name, 'cookie')) caller += `${rawHeaders[i + 1] ?? ''}\n`;
  }
  return caller;
}

/** `name` in any spelling; the length first, since this runs for every field of every read. */
export function isNamed(name: string, lowercase: string): boolean {
  return name.length === lowercase.length && name.toLowerCase() === lowercase;
}

/** FNV-1a, then MurmurHash3's finalizer, since FNV alone leaves the high bits of short strings uneven; in [0, 1). */
function unit(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
