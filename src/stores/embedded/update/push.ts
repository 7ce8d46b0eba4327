import { clone } from '../bson/clone.ts';
import { compare } from '../bson/compare.ts';
import { toSafeInteger } from '../bson/convert.ts';
import { isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { parseSort, sortElements } from '../query/sort.ts';
import { typeName } from '../query/types.ts';

const MODIFIERS = ['$each', '$slice', '$sort', '$position'];

/**
 * What `$push` does to an array: adds each at the position, then sorts, then cuts, whatever the order they are given in.
 * https://www.mongodb.com/docs/manual/reference/operator/update/push/#modifiers
 */
export function pushModifiers(operand: Value): (values: readonly Value[]) => Value[] {
  if (!isDoc(operand) || !operand.has('$each')) return (values) => [...values, clone(operand)];
  for (const name of operand.keys()) {
    if (!MODIFIERS.includes(name)) throw new MongoError('BadValue', `Unrecognized clause in $push: ${name}`);
  }
  const each = operand.get('$each');
  if (!Array.isArray(each)) {
    throw new MongoError(
      'BadValue',
      `The argument to $each in $push must be an array but it was of type: ${typeName(each)}`,
    );
  }
  const position = whole(operand.get('$position'), '$position');
  const slice = whole(operand.get('$slice'), '$slice');
  const sort = sorter(operand.get('$sort'));
  return (values) => {
    const at =
      position === undefined
        ? values.length
        : position < 0
          ? Math.max(0, values.length + position)
          : Math.min(position, values.length);
    const added = sort([...values.slice(0, at), ...each.map((value) => clone(value)), ...values.slice(at)]);
    if (slice === undefined) return added;
    return slice < 0 ? added.slice(slice) : added.slice(0, slice);
  };
}

function whole(value: Value | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = toSafeInteger(value);
  if (number === undefined) {
    throw new MongoError(
      'BadValue',
      `The value for ${name} must be an integer value but was given type: ${typeName(value)}`,
    );
  }
  return number;
}

function sorter(spec: Value | undefined): (values: Value[]) => Value[] {
  if (spec === undefined) return (values) => values;
  if (isDoc(spec)) {
    if (spec.size === 0)
      throw new MongoError('BadValue', 'The $sort pattern is empty when it should be a set of fields.');
    const parts = parseSort(spec);
    return (values) => sortElements(values, parts);
  }
  const direction = toSafeInteger(spec);
  if (direction !== 1 && direction !== -1)
    throw new MongoError('BadValue', 'The $sort element value must be either 1 or -1');
  return (values) => values.toSorted((first, second) => compare(first, second) * direction);
}
