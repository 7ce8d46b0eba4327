import { compare, isNumeric } from '../../bson/compare.ts';
import { toSafeInteger } from '../../bson/convert.ts';
import { isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { parseSort, sortElements } from '../../query/sort.ts';
import { asArray } from './arrays.ts';
import { isNullish, namedArguments, type OperatorCompiler, type OperatorTable } from './types.ts';

const sortArray: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['input', 'sortBy']);
  const input = compile(given.get('input') ?? null);
  const sort = sorter(given.get('sortBy') ?? null);
  return (environment) => {
    const values = input(environment);
    return isNullish(values) ? null : sort(asArray(values, name, 2942504));
  };
};

function sorter(spec: Value): (values: readonly Value[]) => Value[] {
  if (isDoc(spec)) {
    const parts = parseSort(spec);
    return (values) => sortElements(values, parts);
  }
  const direction = toSafeInteger(spec);
  if (!isNumeric(spec)) throw new MongoError(2942507, 'The $sort element value must be either 1 or -1');
  if (direction !== 1 && direction !== -1)
    throw new MongoError(2942506, 'The $sort element value must be either 1 or -1');
  return (values) => values.toSorted((first, second) => compare(first, second) * direction);
}

export const sortOperators: OperatorTable = [['$sortArray', sortArray]];
