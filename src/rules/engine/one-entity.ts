/** Ids that stand within a text, which does not say of which collection they are. */
import type { Side } from '../../types.ts';
import { isObjectId, isUuid, type Run, UNSEEN } from './run.ts';

/**
 * Ids of one of these collections. Where pairs are known by what was seen, a new one is believed only of what can be
 * nothing but an id: two numbers may be a page and another.
 */
export function areOneEntity(mine: string, its: string, collections: readonly string[], run: Run): boolean {
  const related = collections.filter((collection) => run.relates(collection));
  const mapped = isObjectId(mine) && isUuid(its) ? collections.filter((one) => !related.includes(one)) : [];
  if (related.some((collection) => run.knows(collection, mine, its))) return true;
  const isSure = [mine, its].some((id) => isObjectId(id) || isUuid(id));
  // With several collections a new pair may be of any: it is believed if none contradicts it, and not kept.
  const [only] = related;
  if (isSure && related.length > 1 && related.every((collection) => run.isNew(collection, mine, its))) return true;
  const tried = isSure && related.length === 1 && only !== undefined ? [...mapped, only] : mapped;
  const relations = tried.map((collection) => run.pair(collection, mine, its));
  return relations.includes('same') || relations.includes('pending');
}

/**
 * The same, where the twin's ids may be in any form: what nobody knows, and may be an id, is one that was never seen, so that
 * the rows around it can be lined up. Coarser than what is equal.
 */
export function maybeEntityIn(piece: string, side: Side, collections: readonly string[], run: Run): string {
  const entity = entityIn(piece, side, collections, run);
  return entity === piece &&
    /\d/.test(piece) &&
    collections.some((one) => run.relates(one)) &&
    !isNamed(piece, side, collections, run)
    ? UNSEEN
    : entity;
}

const isNamed = (piece: string, side: Side, collections: readonly string[], run: Run): boolean =>
  collections.some((one) => run.names(side, one, piece));

/** The entity that a part of a text is an id of, as the primary writes it; the part itself where it is none. */
export function entityIn(piece: string, side: Side, collections: readonly string[], run: Run): string {
  if (!run.twinForms) return piece;
  const isSure = isUuid(piece) || isObjectId(piece);
  for (const collection of collections) {
    if (!isSure && !run.names(side, collection, piece)) continue;
    const entity = run.entity(side, collection, piece);
    if (entity !== piece) return entity;
  }
  return piece;
}
