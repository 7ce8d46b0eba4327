import { encode } from '../bson/encode.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import type { Path } from '../query/path.ts';
import type { Change } from './change-log.ts';
import { type Differences, describe, type SetField, type Truncated } from './update-description.ts';

interface Found {
  readonly set: SetField[];
  readonly removed: Path[];
  readonly truncated: Truncated[];
}

/** What MongoDB adds to the size of a difference before it compares it with the whole document, bytes. */
const AROUND = 15;

/**
 * What a pipeline changed: the difference of the two documents, or the whole document where that is smaller.
 * https://www.mongodb.com/docs/manual/reference/change-events/replace/
 */
export function pipelineUpdate(before: Doc, after: Doc): Change {
  const found = nothing();
  const size = documents(before, after, [], found);
  const bytes = encode(after);
  if (size + AROUND > bytes.length) return { kind: 'replace', document: bytes };
  return { kind: 'update', description: describe(found) };
}

const nothing = (): Found => ({ set: [], removed: [], truncated: [] });

function add(to: Found, { set, removed, truncated }: Differences): void {
  to.set.push(...set);
  to.removed.push(...removed);
  to.truncated.push(...truncated);
}

/** The bytes of a field of this value beside its name. */
const sizeOf = (value: Value): number => encode(new Map([['', value]])).length - 5;
/** A document of one kind of differences (`u`, `i`, `d`), and its own field. */
const SECTION = 8;

/** Notes the differences; the size that MongoDB's log would need for them, bytes. */
function documents(before: Doc, after: Doc, path: Path, found: Found): number {
  let size = 5;
  const sections = new Set<string>();
  const note = (section: string, bytes: number): void => {
    if (!sections.has(section)) size += SECTION;
    sections.add(section);
    size += bytes;
  };
  for (const name of before.keys()) {
    if (after.has(name)) continue;
    found.removed.push([...path, name]);
    note('d', name.length + 3);
  }
  for (const [name, value] of after) {
    const old = before.get(name);
    const at = [...path, name];
    if (old === undefined) {
      found.set.push({ path: at, value, created: true });
      note('i', name.length + sizeOf(value));
    } else {
      const inner = values(old, value, at, found);
      if (inner === 'whole') note('u', name.length + sizeOf(value));
      else if (inner > 0) size += name.length + 3 + inner;
    }
  }
  return size;
}

/** The size of what differs inside of two values; `whole` where the new value is taken as it is. */
function values(before: Value, after: Value, path: Path, found: Found): number | 'whole' {
  if (encode(new Map([['', before]])).equals(encode(new Map([['', after]])))) return 0;
  const inner = nothing();
  let size = Number.POSITIVE_INFINITY;
  if (isDoc(before) && isDoc(after)) size = documents(before, after, path, inner);
  else if (Array.isArray(before) && Array.isArray(after)) size = arrays(before, after, path, inner);
  if (size > sizeOf(after)) {
    found.set.push({ path, value: after, created: false });
    return 'whole';
  }
  add(found, inner);
  return size;
}

function arrays(before: readonly Value[], after: readonly Value[], path: Path, found: Found): number {
  let size = 5 + 4;
  for (const [at, value] of after.entries()) {
    const old = before[at];
    const name = String(at);
    const inner = old === undefined ? 'whole' : values(old, value, [...path, name], found);
    if (old === undefined) found.set.push({ path: [...path, name], value, created: true });
    if (inner === 'whole') size += name.length + 1 + sizeOf(value);
    else if (inner > 0) size += name.length + 3 + inner;
  }
  if (after.length < before.length) {
    found.truncated.push({ path, size: after.length });
    size += 7;
  }
  return size;
}
