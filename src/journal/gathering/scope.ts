import type { EvidenceKey } from '../batch.ts';

/** The evidence that something counts towards, as one text. */
export function scopeOf(about: EvidenceKey): string {
  return `${about.domain}\0${about.backfill}\0${about.twinBuild}\0${about.rules}`;
}
