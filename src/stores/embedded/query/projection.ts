import { compileExpression, isExpressionName, type Variables } from '../aggregate/expression.ts';
import { isNumeric } from '../bson/compare.ts';
import { truthy } from '../bson/convert.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { elementMatching, findSlice, onlyPosition } from './array-edits.ts';
import { fieldPath } from './field-path.ts';
import { applyTree, insertPath, type Leaf, type Tree } from './tree.ts';

export type Project = (document: Doc, position?: number) => Doc;

/**
 * The projection of `find` and `findAndModify`; `filter` is what found the document, for `$`.
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#projection
 */
export function compileProjection(spec: Doc, variables: Variables, filter: Doc): Project {
  return new Parser(variables, filter).compile(spec);
}

/** The projection of the `$project` stage, which has no operators on arrays of its own. */
export function compileProjectStage(spec: Doc, variables: Variables): Project {
  if (spec.size === 0) throw new MongoError(51272, 'projection specification must have at least one field');
  return new Parser(variables, undefined).compile(spec);
}

type Mode = 'inclusion' | 'exclusion';

/** Reads a projection field by field, as MongoDB's own parser does: what it has seen decides what may still come. */
class Parser {
  readonly #variables: Variables;
  /** Set for `find` alone. */
  readonly #filter: Doc | undefined;
  readonly #tree: Tree = { fields: new Map() };
  #mode: Mode | undefined;
  #id: boolean | undefined;
  #positional: string | undefined;
  #elemMatch = false;
  #slice = false;

  constructor(variables: Variables, filter: Doc | undefined) {
    this.#variables = variables;
    this.#filter = filter;
  }

  compile(spec: Doc): Project {
    this.#object(spec, '');
    const keeps = this.#kept() === 'inclusion';
    const tree = this.#tree;
    if (keeps && this.#id !== false && !tree.fields.has('_id')) insertPath(tree, '_id', { kind: 'keep' });
    if (!keeps && this.#id === false) insertPath(tree, '_id', { kind: 'drop' });
    const variables = this.#variables;
    const at = this.#positional?.split('.');
    return (document, position) => {
      const source = at === undefined ? document : onlyPosition(document, at, position);
      return applyTree(source, tree, keeps, { root: document, variables });
    };
  }

  /** Where no field says it, a slice shows all and `$elemMatch` itself alone; `_id: 1` beside either shows those. */
  #kept(): Mode {
    if (this.#mode !== undefined) return this.#mode;
    if (this.#id === true) return 'inclusion';
    return this.#elemMatch && !this.#slice ? 'inclusion' : 'exclusion';
  }

  #object(spec: Doc, prefix: string): void {
    for (const [name, value] of spec) this.#field(prefix + name, value);
  }

  #field(name: string, value: Value): void {
    if (/\.\$(\.|$)/.test(name)) {
      this.#checkPositional(name, value);
      this.#position(name.slice(0, -2), name);
      return;
    }
    fieldPath(name);
    if (isNumeric(value) || typeof value === 'boolean') this.#select(name, truthy(value));
    else if (isDoc(value)) this.#inner(name, value);
    else {
      if (this.#mode === 'exclusion')
        throw new MongoError(31310, `Cannot use an expression ${name} in an exclusion projection`);
      this.#computed(name, value);
    }
  }

  #select(name: string, include: boolean): void {
    if (name === '_id') {
      this.#id = include;
      if (include) this.#insert(name, { kind: 'keep' });
      return;
    }
    this.#decide(include ? 'inclusion' : 'exclusion', name);
    this.#insert(name, { kind: include ? 'keep' : 'drop' });
  }

  #decide(mode: Mode, name: string): void {
    const other = this.#mode;
    if (other !== undefined && other !== mode)
      throw new MongoError(
        mode === 'inclusion' ? 31253 : 31254,
        `Cannot do ${mode} on field ${name} in ${other} projection`,
      );
    this.#mode = mode;
  }

  /** A document is an operator, an expression, or says the same as dotted names. */
  #inner(name: string, value: Doc): void {
    const [operator] = value.keys();
    if (operator === undefined)
      throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${name}`);
    if (value.size > 1 || !operator.startsWith('$')) this.#object(value, `${name}.`);
    else if (this.#filter === undefined || !this.#findOperator(name, operator, value.get(operator) ?? null))
      this.#expression(name, operator, value);
  }

  /** Whether it is one of the operators that `find` alone has. */
  #findOperator(name: string, operator: string, operand: Value): boolean {
    if (operator === '$elemMatch') {
      this.#matching(name, operand);
      return true;
    }
    const edit = operator === '$slice' ? findSlice(operand) : undefined;
    if (edit === undefined) return false;
    this.#slice = true;
    this.#insert(name, { kind: 'edit', edit });
    return true;
  }

  #expression(name: string, operator: string, value: Doc): void {
    if (operator === '$meta') throw notSupported('$meta in a projection');
    if (!isExpressionName(operator)) throw new MongoError(31325, `Unknown expression ${operator}`);
    if (this.#mode === 'exclusion')
      throw new MongoError(31252, 'Cannot use expression other than $meta in exclusion projection');
    this.#computed(name, value);
  }

  #computed(name: string, value: Value): void {
    this.#mode = 'inclusion';
    const expression = compileExpression(value, new Set(this.#variables.keys()));
    this.#insert(name, { kind: 'compute', expression });
  }

  /** The first element that matches, after all other fields: MongoDB computes it. */
  #matching(name: string, operand: Value): void {
    const edit = elementMatching(operand);
    if (this.#positional !== undefined)
      throw new MongoError(31255, 'Cannot specify positional operator and $elemMatch.');
    if (name.includes('.')) throw new MongoError(31275, 'Cannot use $elemMatch projection on a nested field.');
    this.#elemMatch = true;
    this.#insert(name, {
      kind: 'compute',
      expression: ({ root }) => {
        const values = root.get(name);
        return Array.isArray(values) ? edit(values) : undefined;
      },
    });
  }

  #checkPositional(name: string, value: Value): void {
    if (this.#filter === undefined)
      throw new MongoError(31324, 'Cannot use positional projection in aggregation projection');
    if (/\.\$\./.test(name))
      throw new MongoError(
        31394,
        'As of 4.4, the positional operator may only be at the end of a path in a projection',
      );
    if (isDoc(value))
      throw new MongoError(31271, 'positional projection cannot be used with an expression or sub object');
    if (!isNumeric(value) && typeof value !== 'boolean')
      throw new MongoError(31308, 'positional projection cannot be used with a literal');
    if (!truthy(value)) throw new MongoError(31395, 'positional projection cannot be used with exclusion');
  }

  #position(path: string, name: string): void {
    if (this.#positional !== undefined)
      throw new MongoError(31276, 'Cannot specify more than one positional projection per query.');
    if (this.#elemMatch) throw new MongoError(31256, 'Cannot specify positional operator and $elemMatch.');
    if (this.#filter !== undefined && hasExpression(this.#filter))
      throw new MongoError(
        'QueryFeatureNotAllowed',
        '$expr is not allowed in the query predicate of a positional projection',
      );
    fieldPath(path);
    this.#positional = path;
    this.#decide('inclusion', name);
    this.#insert(path, { kind: 'keep' });
  }

  #insert(path: string, leaf: Leaf): void {
    insertPath(this.#tree, path, leaf);
  }
}

/** Whether a filter computes anything, in its branches too. */
function hasExpression(filter: Doc): boolean {
  return [...filter].some(
    ([name, value]) =>
      name === '$expr' ||
      (Array.isArray(value) && name.startsWith('$') && value.some((one) => isDoc(one) && hasExpression(one))),
  );
}
