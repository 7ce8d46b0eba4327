import type { WantedId } from '../../rules/rule.ts';

/** The pair of `id_map` for one id, given as either of the two; null where it has no such pair. */
export interface IdPair {
  readonly collection: string;
  readonly objectId: string | null;
  readonly uuid: string | null;
}

/** `id_map`, read both ways. */
export interface IdMapSource {
  /** One answer per wanted id, in order. Rejects where the store cannot be asked. */
  lookup(wanted: readonly WantedId[]): Promise<readonly IdPair[]>;
  close(): Promise<void>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const OBJECT_ID = /^[0-9a-f]{24}$/i;

export const isUuid = (id: string): boolean => UUID.test(id);
export const isObjectId = (id: string): boolean => OBJECT_ID.test(id);
