import { add, multiply } from '../bson/arithmetic.ts';
import { clone } from '../bson/clone.ts';
import { compare, compareNumbers, equal, isNumeric } from '../bson/compare.ts';
import { show } from '../bson/show.ts';
import { DateTime, type Doc, int32, isDoc, Regex, Timestamp, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { isOperators } from '../query/leaf.ts';
import { compileFilter, WHOLE } from '../query/matcher.ts';
import { typeName } from '../query/types.ts';
import type { Slot } from './paths.ts';
import { pushModifiers } from './push.ts';

/** One operator on one place: reads the slot, sets or unsets it. */
export type Apply = (slot: Slot, document: Doc) => void;

export interface Operator {
  /** Whether a path that leads nowhere is made. */
  readonly creates: boolean;
  /** Checks the operand and gives what it does. */
  compile(path: string, operand: Value): Apply;
}

function arrayAt(slot: Slot, operator: string, path: string, document: Doc): Value[] | undefined {
  const value = slot.get();
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    const name = path.split('.').at(-1);
    throw new MongoError(
      'BadValue',
      operator === '$push' || operator === '$addToSet'
        ? `The field '${name}' must be an array but is of type ${typeName(value)} in document {_id: ${show(document.get('_id'))}}`
        : `Cannot apply ${operator} to a non-array value`,
    );
  }
  return value;
}

function arithmetic(operator: '$inc' | '$mul'): Operator {
  return {
    creates: true,
    compile(path, operand) {
      if (!isNumeric(operand)) {
        const verb = operator === '$inc' ? 'increment' : 'multiply';
        throw new MongoError('TypeMismatch', `Cannot ${verb} with non-numeric argument: {${path}: ${show(operand)}}`);
      }
      return (slot, document) => {
        const value = slot.get();
        if (value === undefined) {
          slot.set(operator === '$inc' ? operand : multiply(operand, int32(0)));
          return;
        }
        if (!isNumeric(value)) {
          throw new MongoError(
            'TypeMismatch',
            `Cannot apply ${operator} to a value of non-numeric type. {_id: ${show(document.get('_id'))}} has the field '${path.split('.').at(-1)}' of non-numeric type ${typeName(value)}`,
          );
        }
        const result = operator === '$inc' ? add(value, operand) : multiply(value, operand);
        const isWhole = typeof value !== 'number' && typeof operand !== 'number';
        if (isWhole && typeof result === 'number') {
          throw new MongoError(
            'BadValue',
            `Failed to apply ${operator} operations to current value (${show(value)}) for document {_id: ${show(document.get('_id'))}}`,
          );
        }
        // What is the same number of the same type is left as it is: -0.0 stays, and so do a decimal's zeros.
        if (typeName(result) !== typeName(value) || compareNumbers(result, value) !== 0) slot.set(result);
      };
    },
  };
}

function extreme(direction: 1 | -1): Operator {
  return {
    creates: true,
    compile: (_, operand) => (slot) => {
      const value = slot.get();
      if (value === undefined || compare(operand, value) * direction > 0) slot.set(clone(operand));
    },
  };
}

const set: Operator = {
  creates: true,
  compile: (_, operand) => (slot) => slot.set(clone(operand)),
};

const unset: Operator = { creates: false, compile: () => (slot) => slot.unset() };

const currentDate: Operator = {
  creates: true,
  compile(path, operand) {
    const type =
      operand === true || operand === false
        ? 'date'
        : isDoc(operand) && operand.size === 1
          ? operand.get('$type')
          : undefined;
    if (type === 'date') return (slot) => slot.set(new DateTime(Date.now()));
    if (type === 'timestamp') {
      return (slot) => slot.set(new Timestamp((BigInt(Math.floor(Date.now() / 1000)) << 32n) | 1n));
    }
    throw new MongoError(
      'BadValue',
      `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}) for '${path}'.`,
    );
  },
};

const push: Operator = {
  creates: true,
  compile(path, operand) {
    const apply = pushModifiers(operand);
    return (slot, document) => slot.set(apply(arrayAt(slot, '$push', path, document) ?? []));
  },
};

const addToSet: Operator = {
  creates: true,
  compile(path, operand) {
    let added: readonly Value[] = [operand];
    if (isDoc(operand) && operand.keys().next().value === '$each') {
      const each = operand.get('$each');
      if (!Array.isArray(each))
        throw new MongoError(
          'TypeMismatch',
          `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`,
        );
      for (const name of operand.keys()) {
        if (name !== '$each')
          throw new MongoError('BadValue', `Found unexpected fields after $each in $addToSet: ${show(operand)}`);
      }
      added = each;
    }
    return (slot, document) => {
      const values = [...(arrayAt(slot, '$addToSet', path, document) ?? [])];
      for (const value of added) {
        if (!values.some((other) => equal(other, value))) values.push(clone(value));
      }
      slot.set(values);
    };
  },
};

const pop: Operator = {
  creates: false,
  compile(path, operand) {
    const first = isNumeric(operand) && compare(operand, -1) === 0;
    if (!first && !(isNumeric(operand) && compare(operand, 1) === 0)) {
      throw new MongoError('FailedToParse', `$pop expects 1 or -1, found: ${show(operand)}`);
    }
    return (slot) => {
      const values = slot.get();
      if (values === undefined) return;
      if (!Array.isArray(values)) {
        throw new MongoError(
          'TypeMismatch',
          `Path '${path}' contains an element of non-array type '${typeName(values)}'`,
        );
      }
      slot.set(first ? values.slice(1) : values.slice(0, -1));
    };
  },
};

const pull: Operator = {
  creates: false,
  compile(path, operand) {
    const test = pullTest(operand);
    return (slot, document) => {
      const values = arrayAt(slot, '$pull', path, document);
      if (values?.some(test)) slot.set(values.filter((value) => !test(value)));
    };
  },
};

function holdsFilters(operand: Doc): boolean {
  return WHOLE.includes(operand.keys().next().value ?? '');
}

/** A document without operators is a filter on elements that are documents; operators and values test each element. */
function pullTest(operand: Value): (value: Value) => boolean {
  if (isDoc(operand) && (!isOperators(operand) || holdsFilters(operand))) {
    const filter = compileFilter(operand);
    return (value) => isDoc(value) && filter(value);
  }
  if (!isDoc(operand) && !(operand instanceof Regex)) return (value) => equal(value, operand);
  const test = compileFilter(new Map([['e', operand]]));
  return (value) => test(new Map([['e', value]]));
}

const pullAll: Operator = {
  creates: false,
  compile(path, operand) {
    if (!Array.isArray(operand))
      throw new MongoError('BadValue', `$pullAll requires an array argument but was given a ${typeName(operand)}`);
    const isIn = (value: Value): boolean => operand.some((other) => equal(other, value));
    return (slot, document) => {
      const values = arrayAt(slot, '$pullAll', path, document);
      if (values?.some(isIn)) slot.set(values.filter((value) => !isIn(value)));
    };
  },
};

/** Every update operator but `$rename`, which touches two places. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', unset],
  ['$inc', arithmetic('$inc')],
  ['$mul', arithmetic('$mul')],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$currentDate', currentDate],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pop', pop],
  ['$pull', pull],
  ['$pullAll', pullAll],
]);
