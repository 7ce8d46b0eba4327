/** Looks entities up in both stores and says of each what it is there. */
import { type ModelMapping, ownColumn } from '../../api/mapping.ts';
import { refsOf } from '../../api/rows/convert.ts';
import { compareDocumentToRow, type StoredRow, showingOfDocument } from '../../api/rows/document-row.ts';
import { valueAt } from '../../api/rows/json-values.ts';
import type { IdPairs, WantedId } from '../../rules/rule.ts';
import { isObjectId } from '../ids/source.ts';
import type { Redactor } from '../redactor.ts';
import { type Bad, type Examined, isBad, type Named } from './decide.ts';
import type { RowIds } from './row-ids.ts';
import type { CauseSource, Counterparts } from './source.ts';
import { WRONG_SEQUENCE, wrongFields } from './wrong-fields.ts';

/** Entities looked up for one mismatch. */
const ENTITIES = 40;
/** Wrong entities that a walk brings home at most. */
const SWEPT = 200;

export class Examiner {
  readonly #source: CauseSource;
  readonly #redactor: Redactor;
  readonly #byCollection: ReadonlyMap<string, ModelMapping>;

  constructor(source: CauseSource, redactor: Redactor, byCollection: ReadonlyMap<string, ModelMapping>) {
    this.#source = source;
    this.#redactor = redactor;
    this.#byCollection = byCollection;
  }

  /** The entities that request and answers name. */
  async named(named: readonly Named[], ids: RowIds): Promise<readonly Examined[]> {
    const wanted = new Map<string, Set<string>>();
    let count = 0;
    for (const { collection, mongoId } of named) {
      const list = wanted.get(collection) ?? new Set();
      if (list.has(mongoId) || count >= ENTITIES) continue;
      list.add(mongoId);
      count += 1;
      wanted.set(collection, list);
    }
    const examined: Examined[] = [];
    for (const [collection, mongoIds] of wanted) {
      const mapping = this.#byCollection.get(collection);
      const readable = mapping?.identity === 'objectId' || mapping?.identity === 'column';
      const known = mapping?.identity === 'column' ? [...mongoIds] : [...mongoIds].filter((id) => isObjectId(id));
      if (!readable) {
        examined.push(...known.map((mongoId) => unreadable(collection, mongoId)));
        continue;
      }
      const parts = await this.#source.lookUp(mapping, known);
      examined.push(...(await this.#examineAll(mapping, parts, ids)));
    }
    return examined;
  }

  async #examineAll(mapping: ModelMapping, parts: readonly Counterparts[], ids: RowIds): Promise<Examined[]> {
    const wanted: WantedId[] = parts
      .flatMap(({ doc }) => (doc === null ? [] : refsOf(mapping, doc)))
      .filter(({ collection, id }) => ids.uuidOf(collection, id) === undefined);
    await ids.lookUp(wanted);
    await ids.claimOf(parts.flatMap((part) => wrongRefs(mapping, part, ids)));
    return parts.map((part) => this.#examineOne(mapping, part, ids));
  }

  #examineOne(mapping: ModelMapping, part: Counterparts, ids: IdPairs): Examined {
    const { mongoId, doc, row } = part;
    const base = {
      collection: mapping.collection,
      mongoId,
      uuid: row === null ? null : ownIdOf(mapping, row),
      doc,
      row,
    };
    if (doc === null && row === null) return { ...base, state: 'same', fields: [], wrong: [] };
    if (doc !== null && row === null) {
      const expired = isExpired(mapping, doc);
      return { ...base, state: expired ? 'same' : part.gap ? 'gap' : 'missing', fields: [], wrong: [] };
    }
    if (doc === null || row === null) {
      // The row has no document: it was deleted, or never existed. An expired document cannot be read either.
      const expired = row !== null && isExpiredRow(mapping, row);
      return { ...base, state: expired ? 'same' : part.gap ? 'gap' : 'extra', fields: [], wrong: [] };
    }
    const differences = compareDocumentToRow(mapping, doc, { row, children: part.children }, ids);
    if (differences.length === 0) return { ...base, state: 'same', fields: [], wrong: [] };
    return {
      ...base,
      state: part.gap ? 'gap' : 'drift',
      fields: this.#redactor.differences(differences, showingOfDocument(mapping)),
      wrong: wrongFields(mapping, differences, this.#redactor),
    };
  }

  /** Of entities that a walk brought home, those that are wrong still. */
  async again(mappings: readonly ModelMapping[], first: readonly Bad[], ids: RowIds): Promise<readonly Bad[]> {
    const bad: Bad[] = [];
    for (const mapping of mappings) {
      const again = first.filter(({ collection }) => collection === mapping.collection).map(({ mongoId }) => mongoId);
      if (again.length === 0) continue;
      if (mapping.identity === 'sequence') bad.push(...(await this.#badCounters(mapping)));
      else {
        const parts = await this.#source.lookUp(mapping, again);
        bad.push(...(await this.#examineAll(mapping, parts, ids)).filter(isBad));
      }
    }
    return bad;
  }

  async #badCounters(mapping: ModelMapping): Promise<readonly Bad[]> {
    const { collection } = mapping;
    const counters = await this.#source.counters(mapping);
    return counters
      .filter((counter) => counter.doc !== (counter.row ?? 0))
      .map(({ id: mongoId }) => ({
        collection,
        mongoId,
        uuid: null,
        doc: null,
        row: null,
        state: 'drift',
        fields: [],
        wrong: WRONG_SEQUENCE,
      }));
  }

  /** All entities of these collections that are not the same in both stores, as a walk meets them. */
  async walk(mappings: readonly ModelMapping[], ids: RowIds): Promise<readonly Bad[]> {
    const bad: Bad[] = [];
    for (const mapping of mappings) {
      if (mapping.identity === 'sequence') {
        bad.push(...(await this.#badCounters(mapping)));
        continue;
      }
      for await (const parts of this.#source.walk(mapping)) {
        for (const one of await this.#examineAll(mapping, parts, ids)) {
          if (isBad(one) && bad.length < SWEPT) bad.push(one);
        }
      }
    }
    return bad;
  }
}

/** What the row refers to where its document refers to something else. */
function wrongRefs(mapping: ModelMapping, { doc, row }: Counterparts, ids: IdPairs): readonly WantedId[] {
  if (doc === null || row === null) return [];
  return mapping.fields.flatMap(({ path, column, type }) => {
    const held = row[column] ?? null;
    if (type.kind !== 'ref' || held === null) return [];
    const isRight = ids.uuidOf(type.collection, String(valueAt(doc, path))) === String(held);
    return isRight ? [] : [{ collection: type.collection, id: String(held) }];
  });
}

function ownIdOf(mapping: ModelMapping, row: StoredRow): string | null {
  const hasOwn = mapping.identity === 'objectId' || mapping.identity === 'column';
  return hasOwn ? String(row[ownColumn(mapping)]) : null;
}

function unreadable(collection: string, mongoId: string): Examined {
  return { collection, mongoId, uuid: null, doc: null, row: null, state: 'unreadable', fields: [], wrong: [] };
}

function isExpiredRow(mapping: ModelMapping, row: Readonly<Record<string, unknown>>): boolean {
  const column = mapping.fields.find(({ path }) => path === mapping.expiresAt)?.column;
  const at = column === undefined ? null : row[column];
  return at instanceof Date && at.getTime() <= Date.now();
}

function isExpired(mapping: ModelMapping, doc: Readonly<Record<string, unknown>>): boolean {
  if (mapping.expiresAt === null) return false;
  const at = valueAt(doc, mapping.expiresAt);
  return at instanceof Date && at.getTime() <= Date.now();
}
