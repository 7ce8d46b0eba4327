import { compareNumbers, isNumeric } from '../bson/compare.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import type { SortPart } from './sort.ts';

/**
 * The fields of the first level that a question looks at, so that a document that is only looked at need not be decoded
 * whole. `undefined` stands for all of them.
 */
export type Needs = ReadonlySet<string> | undefined;

export function filterNeeds(filter: Doc): Needs {
  const names = new Set<string>();
  return gatherFilter(filter, names) ? names : undefined;
}

export function sortNeeds(parts: readonly SortPart[]): ReadonlySet<string> {
  return new Set(parts.map((part) => part.path[0] ?? ''));
}

/** What the stages need of the documents that come, up to the one that makes new documents of them. */
export function pipelineNeeds(stages: readonly Value[]): Needs {
  const names = new Set<string>();
  for (const stage of stages) {
    const [[name, spec] = ['', null]] = isDoc(stage) ? stage : [];
    switch (name) {
      case '$limit':
      case '$skip':
        break;
      case '$match':
        if (!isDoc(spec) || !gatherFilter(spec, names)) return undefined;
        break;
      case '$sort':
        for (const field of isDoc(spec) ? spec.keys() : []) names.add(root(field));
        break;
      case '$unwind':
      case '$addFields':
      case '$set':
        if (!gatherExpression(spec, names)) return undefined;
        for (const field of isDoc(spec) ? spec.keys() : []) names.add(root(field));
        break;
      case '$group':
        return gatherExpression(spec, names) ? names : undefined;
      case '$project':
        return isDoc(spec) && gatherProjection(spec, names) ? names : undefined;
      case '$count':
        return names;
      default:
        return undefined;
    }
  }
  return undefined;
}

function root(path: string): string {
  return path.split('.')[0] ?? '';
}

function gatherFilter(filter: Doc, names: Set<string>): boolean {
  for (const [name, value] of filter) {
    if (name === '$expr') {
      if (!gatherExpression(value, names)) return false;
    } else if (name.startsWith('$')) {
      const branches = Array.isArray(value) ? value : [];
      if (!branches.every((branch) => isDoc(branch) && gatherFilter(branch, names))) return false;
    } else names.add(root(name));
  }
  return true;
}

/** Whether the expression names its fields; the whole document and fields by a computed name need all. */
function gatherExpression(value: Value, names: Set<string>): boolean {
  if (typeof value === 'string') {
    if (value.startsWith('$$')) return !/^\$\$(ROOT|CURRENT)\b/.test(value);
    if (value.startsWith('$')) names.add(root(value.slice(1)));
    return true;
  }
  if (Array.isArray(value)) return value.every((element) => gatherExpression(element, names));
  if (!isDoc(value)) return true;
  if (
    value.has('$getField') ||
    value.has('$top') ||
    value.has('$bottom') ||
    value.has('$topN') ||
    value.has('$bottomN')
  ) {
    return false;
  }
  return [...value.values()].every((inner) => gatherExpression(inner, names));
}

/** A projection that chooses fields; one that leaves fields out needs all others. */
function gatherProjection(spec: Doc, names: Set<string>): boolean {
  names.add('_id');
  let chooses = false;
  for (const [name, value] of spec) {
    names.add(root(name));
    if (name === '_id') {
      if (!gatherExpression(value, names)) return false;
      continue;
    }
    if (value === false || (isNumeric(value) && compareNumbers(value, 0) === 0)) return false;
    // A document of names may leave fields out too.
    if (isDoc(value) && value.keys().next().value?.startsWith('$') !== true) return false;
    if (!gatherExpression(value, names)) return false;
    chooses = true;
  }
  return chooses;
}
