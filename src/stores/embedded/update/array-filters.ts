import { show } from '../bson/show.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { compileElement } from '../query/matcher.ts';
import type { Path } from '../query/path.ts';

type Test = (element: Value) => boolean;

/** The tests of `$[name]` by their names: every name in the paths has one, and each is used. */
export function parseArrayFilters(filters: readonly Value[], paths: readonly Path[]): Map<string, Test> {
  const made = new Map<string, Test>();
  for (const filter of filters) {
    if (!isDoc(filter)) throw new MongoError('TypeMismatch', 'arrayFilters must be documents');
    const name = nameOf(filter);
    if (made.has(name))
      throw new MongoError('FailedToParse', `Found multiple array filters with the same top-level field name ${name}`);
    const test = compileElement(new Map([['$and', [filter]]]), {});
    made.set(name, (element) => test(new Map([[name, element]])));
  }
  const used = new Set(paths.flat().flatMap((part) => /^\$\[(.+)\]$/.exec(part)?.[1] ?? []));
  for (const name of used) {
    if (!made.has(name)) throw new MongoError('BadValue', `No array filter found for identifier '${name}' in a path`);
  }
  for (const name of made.keys()) {
    if (!used.has(name))
      throw new MongoError('FailedToParse', `The array filter for identifier '${name}' was not used in the update`);
  }
  return made;
}

function nameOf(filter: Doc): string {
  const names = new Set(namesIn(filter));
  const [name] = names;
  if (name === undefined || names.size > 1)
    throw new MongoError(
      'FailedToParse',
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found ${show(filter)}`,
    );
  if (!/^[a-z][A-Za-z0-9]*$/.test(name))
    throw new MongoError(
      'BadValue',
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
    );
  return name;
}

/** The first names of the paths that a filter tests, within its branches too. */
function* namesIn(filter: Doc): Generator<string> {
  for (const [name, value] of filter) {
    if (!name.startsWith('$')) yield name.split('.')[0] ?? '';
    else if (Array.isArray(value)) for (const branch of value) if (isDoc(branch)) yield* namesIn(branch);
  }
}
