import { isNumeric } from '../bson/compare.ts';
import { toNumber } from '../bson/convert.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { compileElement } from './matcher.ts';

/** What a projection makes of an array; without a value the field goes. */
export type ArrayEdit = (values: readonly Value[]) => Value[] | undefined;

/**
 * `$slice` as `find` has it: a number, or what to skip and what to show. Anything else may still be the operator of
 * aggregation by the same name.
 */
export function findSlice(operand: Value): ArrayEdit | undefined {
  if (isNumeric(operand)) {
    const count = whole(operand);
    return (values) => (count < 0 ? values.slice(count) : values.slice(0, count));
  }
  const [skip, limit] = Array.isArray(operand) && operand.length === 2 ? operand : [];
  if (!isNumeric(skip) || !isNumeric(limit)) return undefined;
  const [from, count] = [whole(skip), whole(limit)];
  if (count <= 0) throw new MongoError(28724, `First argument to $slice must be an array, but is of type: int`);
  return (values) => {
    const start = from < 0 ? Math.max(0, values.length + from) : from;
    return values.slice(start, start + count);
  };
}

/** As MongoDB reads an int32 of any number: without a fraction, and within its range. */
function whole(value: Value): number {
  const number = Math.trunc(toNumber(value) ?? 0) || 0;
  return Math.max(-0x80000000, Math.min(0x7fffffff, number));
}

/** The first element that a filter matches, or no field. */
export function elementMatching(spec: Value): ArrayEdit {
  if (!isDoc(spec)) throw new MongoError(31274, `elemMatch: Invalid argument, object required, but got ${typeof spec}`);
  const test = compileElement(spec);
  return (values) => {
    const found = values.find(test);
    return found === undefined ? undefined : [found];
  };
}

/** The document with the array at the path cut to the element that the filter matched. */
export function onlyPosition(document: Doc, path: readonly string[], position: number | undefined): Doc {
  if (position === undefined) {
    throw new MongoError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  }
  return editArray(document, path, (values) => {
    if (position >= values.length)
      throw new MongoError(
        51247,
        "Executor error during find command :: caused by :: positional operator '.$' element mismatch",
      );
    return values.slice(position, position + 1);
  });
}

/** A copy with the array at the path edited; documents in arrays on the way are each edited. */
function editArray(document: Doc, path: readonly string[], edit: ArrayEdit): Doc {
  const [name = '', ...rest] = path;
  const value = document.get(name);
  if (value === undefined) return document;
  let edited: Value | undefined;
  if (rest.length === 0) {
    if (!Array.isArray(value)) return document;
    edited = edit(value);
  } else if (isDoc(value)) edited = editArray(value, rest, edit);
  else if (Array.isArray(value))
    edited = value.map((element) => (isDoc(element) ? editArray(element, rest, edit) : element));
  else return document;
  const copy: Doc = new Map(document);
  if (edited === undefined) copy.delete(name);
  else copy.set(name, edited);
  return copy;
}
