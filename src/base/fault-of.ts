/** What an engineer repairs, named so that every replica, run and route gives the same fact the same id. */
import { createHash } from 'node:crypto';
import type { Cause, Fault, MismatchPattern } from '../types.ts';

/** Where a stored fact lives. A field of null is the row as a whole. */
export interface StoredPlace {
  readonly domain: string;
  readonly collection: string;
  readonly entity: string;
  readonly field: string | null;
}

/** A stored fact that is wrong in Postgres: the same fault whichever route, list or sum shows it. */
export function storedFault(cause: Cause, place: StoredPlace, sample: Fault['sample'], fatal: boolean): Fault {
  const { domain, collection, entity, field } = place;
  const id = idOf(['stored', collection, entity, field]);
  return { id, cause, domain, collection, entity, field, route: null, fingerprint: null, sample, fatal };
}

/** An answer that the rows do not explain: one fault for each place of a route, whichever entity shows it. */
export function answerFault(
  cause: Extract<Cause, 'twin_logic' | 'unknown'>,
  route: { readonly key: string; readonly domain: string },
  pattern: MismatchPattern,
): Fault {
  const { fingerprint, path, kind, rule, measure, fatal } = pattern;
  return {
    id: idOf(['answer', route.key, fingerprint]),
    cause,
    domain: route.domain,
    collection: null,
    entity: null,
    field: null,
    route: route.key,
    fingerprint,
    sample: { path, kind, rule, measure },
    fatal,
  };
}

/** The fault that stands for all further faults of a domain. */
export function otherFaults(domain: string): Fault {
  const id = idOf(['others', domain]);
  const none = { collection: null, entity: null, field: null, route: null, fingerprint: null, sample: null };
  return { id, cause: 'unknown', domain, ...none, fatal: true };
}

/** 48 bits: among a million faults two share an id once in five hundred times. */
function idOf(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}
