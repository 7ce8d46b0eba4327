import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { compileProjectStage } from '../../query/projection.ts';
import { applyTree, insertPath, type Tree } from '../../query/tree.ts';
import { typeName } from '../../query/types.ts';
import { compileExpression, type Expression } from '../expression.ts';
import { namedArguments } from '../operators/types.ts';
import type { PipelineContext, Stage } from '../pipeline.ts';

function each(make: (row: Doc) => Doc): Stage {
  return function* reshape(rows) {
    for (const row of rows) yield make(row);
  };
}

export function projectStage(spec: Value, context: PipelineContext): Stage {
  if (!isDoc(spec)) throw new MongoError(15969, '$project specification must be an object');
  const project = compileProjectStage(spec, context.variables);
  return each((row) => project(row));
}

export function addFieldsStage(spec: Value, context: PipelineContext, name: string): Stage {
  if (!isDoc(spec)) throw new MongoError(40272, `${name} specification stage must be an object, got ${typeName(spec)}`);
  if (spec.size === 0) throw new MongoError(40177, `specification must have at least one field`);
  const tree: Tree = { fields: new Map() };
  const names = new Set(context.variables.keys());
  const gather = (fields: Doc, prefix: string): void => {
    for (const [field, value] of fields) {
      if (prefix !== '' && field.includes('.'))
        throw new MongoError(40183, `cannot use dotted field name '${field}' in a sub object`);
      const [first] = isDoc(value) ? value.keys() : [];
      if (isDoc(value) && value.size > 1 && [...value.keys()].some((inner) => inner.startsWith('$')))
        throw new MongoError(
          40181,
          'an expression specification must contain exactly one field, the name of the expression',
        );
      if (isDoc(value) && first === undefined)
        throw new MongoError(
          40180,
          `an empty object is not a valid value. Found empty object at path ${prefix}${field}`,
        );
      if (isDoc(value) && first?.startsWith('$') !== true) gather(value, `${prefix}${field}.`);
      else insertComputed(tree, prefix + field, compileExpression(value, names));
    }
  };
  gather(spec, '');
  return each((row) => applyTree(row, tree, false, { root: row, variables: context.variables }));
}

/** As in a projection, but with the code that this stage has for two paths of which one is in the other. */
function insertComputed(tree: Tree, path: string, expression: Expression): void {
  try {
    insertPath(tree, path, { kind: 'compute', expression });
  } catch (error) {
    if (!(error instanceof MongoError) || ![31249, 31250].includes(error.code)) throw error;
    throw new MongoError(40176, `specification contains two conflicting paths: ${path}`);
  }
}

export function unsetStage(spec: Value): Stage {
  if (typeof spec !== 'string' && !Array.isArray(spec))
    throw new MongoError(31002, '$unset specification must be a string or an array');
  const names = Array.isArray(spec) ? spec : [spec];
  const tree: Tree = { fields: new Map() };
  if (names.length === 0)
    throw new MongoError(31119, '$unset specification must be a string or an array with at least one field');
  for (const name of names) {
    if (typeof name !== 'string')
      throw new MongoError(31120, '$unset specification must be a string or an array containing only string values');
    insertPath(tree, name, { kind: 'drop' });
  }
  return each((row) => applyTree(row, tree, false, { root: row, variables: new Map() }));
}

export function replaceStage(spec: Value, context: PipelineContext, name: string): Stage {
  const value = name === '$replaceWith' ? spec : (namedArguments(spec, name, ['newRoot']).get('newRoot') ?? null);
  const expression = compileExpression(value, new Set(context.variables.keys()));
  return each((row) => {
    const made = expression({ root: row, variables: context.variables });
    if (!(made instanceof Map)) {
      throw new MongoError(
        40228,
        `'newRoot' expression must evaluate to an object, but resulting value was of type ${typeName(made)}`,
      );
    }
    return made;
  });
}
