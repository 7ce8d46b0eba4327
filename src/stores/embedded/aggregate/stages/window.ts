import { hashKey } from '../../bson/hash-key.ts';
import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { parseSort, sortBy } from '../../query/sort.ts';
import { compileAccumulator, type MakeAccumulator } from '../accumulators.ts';
import { compileExpression } from '../expression.ts';
import { namedArguments } from '../operators/types.ts';
import type { PipelineContext, Stage } from '../pipeline.ts';
import { withField } from './rows.ts';

/** Only what can be said of every row in one walk: from the first row to this one, or over the whole partition. */
type Window = 'running' | 'whole';

const SUPPORTED = ['$sum', '$avg', '$min', '$max', '$count', '$push', '$addToSet', '$first', '$last'];

export function windowStage(spec: Value, context: PipelineContext, name: string): Stage {
  const given = namedArguments(spec, name, ['output'], ['partitionBy', 'sortBy']);
  const names = new Set(context.variables.keys());
  const partition = compileExpression(given.get('partitionBy') ?? null, names);
  const order = given.get('sortBy');
  if (order !== undefined && !isDoc(order)) throw new MongoError('TypeMismatch', 'sortBy must be an object');
  const parts = order === undefined ? [] : parseSort(order);
  const output = given.get('output');
  if (!(output instanceof Map)) throw new MongoError('TypeMismatch', 'output must be an object');
  const fields = [...output].map(([field, value]) => {
    const { window, make } = outputOf(field, value, names);
    if (window === 'running' && parts.length === 0) {
      throw new MongoError(5339901, 'Document-based bounds require a sortBy');
    }
    return { path: field.split('.'), window, make };
  });
  return function* setWindowFields(rows) {
    const partitions = new Map<string, Doc[]>();
    for (const row of rows) {
      const key = hashKey(partition({ root: row, variables: context.variables }) ?? null);
      const members = partitions.get(key);
      if (members === undefined) partitions.set(key, [row]);
      else members.push(row);
    }
    for (const members of partitions.values()) {
      yield* windowed(parts.length === 0 ? members : sortBy(members, parts, (row) => row), fields, context);
    }
  };
}

function* windowed(
  rows: readonly Doc[],
  fields: readonly { path: readonly string[]; window: Window; make: MakeAccumulator }[],
  context: PipelineContext,
): Generator<Doc> {
  const made = fields.map((field) => ({ ...field, accumulator: field.make() }));
  for (const { window, accumulator } of made) {
    if (window === 'whole') for (const row of rows) accumulator.add({ root: row, variables: context.variables });
  }
  for (const row of rows) {
    let result = row;
    for (const { path, window, accumulator } of made) {
      if (window === 'running') accumulator.add({ root: row, variables: context.variables });
      const value = accumulator.result() ?? null;
      result = withField(result, path, Array.isArray(value) ? [...value] : value);
    }
    yield result;
  }
}

function outputOf(field: string, value: Value, names: ReadonlySet<string>): { window: Window; make: MakeAccumulator } {
  if (!isDoc(value)) throw new MongoError('FailedToParse', `The field '${field}' must be an object`);
  const spec: Doc = new Map(value);
  const bounds = spec.get('window');
  spec.delete('window');
  const [operator] = spec.keys();
  if (operator === undefined || !SUPPORTED.includes(operator)) throw notSupported(`the window function ${operator}`);
  const make = compileAccumulator(field, spec, names);
  if (bounds === undefined) return { window: 'whole', make };
  const documents = isDoc(bounds) && bounds.size === 1 ? bounds.get('documents') : undefined;
  const [low, high] = Array.isArray(documents) ? documents : [];
  if (low === 'unbounded' && high === 'current') return { window: 'running', make };
  if (low === 'unbounded' && high === 'unbounded') return { window: 'whole', make };
  throw notSupported('a window other than documents from "unbounded" to "current" or "unbounded"');
}
