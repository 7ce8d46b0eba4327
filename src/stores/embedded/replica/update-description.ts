import { type Doc, int32, isDoc, type Value } from '../bson/values.ts';
import type { Path } from '../query/path.ts';

/** One field that an update set, by its path: as it is now. */
export interface SetField {
  readonly path: Path;
  readonly value: Value;
  /** It was not there before. */
  readonly created: boolean;
}

export interface Truncated {
  readonly path: Path;
  readonly size: number;
}

export interface Differences {
  readonly set: readonly SetField[];
  readonly removed: readonly Path[];
  readonly truncated: readonly Truncated[];
}

/**
 * `updateDescription` as a change stream gives it.
 * https://www.mongodb.com/docs/manual/reference/change-events/update/
 */
export function describe({ set, removed, truncated }: Differences): Doc {
  return new Map<string, Value>([
    ['updatedFields', new Map(ordered(set, 0).map(({ path, value }): [string, Value] => [path.join('.'), value]))],
    ['removedFields', removed.map((path) => path.join('.'))],
    [
      'truncatedArrays',
      truncated.map(
        ({ path, size }): Doc =>
          new Map<string, Value>([
            ['field', path.join('.')],
            ['newSize', int32(size)],
          ]),
      ),
    ],
  ]);
}

/** Of one level, what was changed comes before what was added, and both before the levels beneath. */
function ordered(set: readonly SetField[], depth: number): SetField[] {
  const here = set.filter(({ path }) => path.length === depth + 1);
  const below = Map.groupBy(
    set.filter(({ path }) => path.length > depth + 1),
    ({ path }) => path[depth] ?? '',
  );
  return [
    ...here.filter(({ created }) => !created),
    ...here.filter(({ created }) => created),
    ...[...below.values()].flatMap((group) => ordered(group, depth + 1)),
  ];
}

export function valueAt(root: Doc, path: Path): Value | undefined {
  let value: Value | undefined = root;
  for (const name of path) {
    if (isDoc(value)) value = value.get(name);
    else if (Array.isArray(value)) value = value[Number(name)];
    else return undefined;
  }
  return value;
}
