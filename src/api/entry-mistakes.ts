/** What is wrong with routes as a config writes them, all of it at once; what needs a module to be loaded comes later. */

import { nearest } from '../base/nearest.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { comparatorFrom, ruleFrom } from '../rules/inline.ts';
import { shapeOfPattern } from './pattern.ts';
import { mistakeInTwinPath } from './twin-path.ts';

export interface EntryMistake {
  /** From `routes.entries` on: `[1, 'rules', 'object', 'total']`. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Tree = { [key: string]: unknown };

/** Most reported mistakes of one entry's rules. */
const MOST = 50;

export function entryMistakes(entries: readonly unknown[]): EntryMistake[] {
  const mistakes: EntryMistake[] = [];
  const shapes = new Map<string, string>();
  for (const [i, entry] of entries.entries()) {
    if (!isTree(entry)) continue;
    const told = (path: readonly PropertyKey[], message: string): void => {
      mistakes.push({ path: [i, ...path], message });
    };
    const given = ['comparator', 'module', 'rules'].filter((key) => entry[key] !== undefined);
    if (given.length !== 1) {
      told([], `expected one of comparator, module and rules; found ${given.join(' and ') || 'none of them'}`);
    }
    for (const key of ['rules', 'comparator'] as const) {
      if (entry[key] === undefined || (key === 'comparator' && typeof entry[key] === 'string')) continue;
      for (const { path, message } of ruleMistakes(entry[key], key === 'comparator')) told([key, ...path], message);
    }
    if (isTree(entry.reads) && entry.reads.body !== undefined && entry.method !== 'POST') {
      told(['reads', 'body'], 'expected `method: POST` beside it; found a route whose requests have no body');
    }
    const { pattern } = entry;
    for (const [at, name] of (Array.isArray(entry.hidden) ? entry.hidden : []).entries()) {
      if (typeof name !== 'string' || hasParameter(entry, name)) continue;
      told(['hidden', at], `expected a parameter of the pattern or of \`query\`; found ${JSON.stringify(name)}`);
    }
    if (typeof pattern !== 'string' || !pattern.startsWith('/')) continue;
    const method = entry.method === 'POST' ? 'POST' : 'GET';
    try {
      const shape = `${method} ${shapeOfPattern(pattern)}`;
      const same = shapes.get(shape);
      if (same !== undefined) told(['pattern'], `expected a pattern of its own; found the same shape as ${same}`);
      else shapes.set(shape, `${method} ${pattern}`);
    } catch (error) {
      told(['pattern'], messageOf(error));
      continue;
    }
    const wrongPath = typeof entry.twinPath === 'string' ? twinPathMistake(pattern, entry.twinPath) : null;
    if (wrongPath !== null) told(['twinPath'], wrongPath);
  }
  return mistakes;
}

function twinPathMistake(pattern: string, twinPath: string): string | null {
  try {
    return mistakeInTwinPath(pattern, twinPath);
  } catch (error) {
    return messageOf(error);
  }
}

function hasParameter({ pattern, query }: Tree, name: string): boolean {
  const inPath =
    typeof pattern === 'string' && pattern.split('/').some((part) => /^:([A-Za-z_]\w*)/.exec(part)?.[1] === name);
  return inPath || (isTree(query) && Object.hasOwn(query, name));
}

/** Every mistake in rules: each one is corrected in a copy, so that the next one is found. */
function ruleMistakes(given: unknown, whole: boolean): EntryMistake[] {
  const mistakes: EntryMistake[] = [];
  const root: Tree = { rules: structuredClone(given) };
  for (let left = MOST; left > 0; left -= 1) {
    const error = errorOf(root, whole);
    if (error === null) break;
    const path = pathIn(root, error);
    mistakes.push({ path: path.slice(1), message: `${error.message}${meant(root, path, error.message)}` });
    if (!mended(root, path, error, whole)) break;
  }
  return mistakes;
}

function errorOf({ rules }: Tree, whole: boolean): ShadowError | null {
  try {
    if (whole || (isTree(rules) && 'body' in rules)) comparatorFrom('rules', rules, 'rules');
    else ruleFrom(rules, 'rules');
    return null;
  } catch (error) {
    return error instanceof ShadowError ? error : new ShadowError('SHADOW_CONFIG', messageOf(error));
  }
}

/** The place that the error names, `rules.object.total`, as keys; keys with a dot in them are found as well. */
function pathIn(root: Tree, { message }: ShadowError): string[] {
  const named = /^(\S.*?) is no /.exec(message)?.[1] ?? 'rules';
  return keysTo(root, named) ?? ['rules'];
}

function keysTo(value: unknown, rest: string): string[] | null {
  if (!isTree(value)) return null;
  for (const key of Object.keys(value)) {
    if (rest === key) return [key];
    const below = rest.startsWith(`${key}.`) ? keysTo(value[key], rest.slice(key.length + 1)) : null;
    if (below !== null) return [key, ...below];
  }
  // What the error misses is not there: its place is where it should be.
  const [missing = ''] = rest.split('.');
  return missing === rest ? [] : null;
}

const placeOf = ({ message }: ShadowError): string => /^(\S.*?) is no /.exec(message)?.[1] ?? message;

/** What was tried may itself be wrong further down. */
const isWithin = (place: string, other: string): boolean => place === other || place.startsWith(`${other}.`);

/** Tries what the place could have held, until the error there is gone. */
function mended(root: Tree, path: readonly string[], before: ShadowError, whole: boolean): boolean {
  const at = path.at(-1);
  const parent = path.slice(0, -1).reduce<unknown>((value, key) => (isTree(value) ? value[key] : undefined), root);
  if (at === undefined || !isTree(parent)) return false;
  const held = parent[at];
  for (const value of ['strict', {}, { scale: 2 }, ['id'], 1e-9, 'double', 'seconds', undefined]) {
    if (value === undefined) delete parent[at];
    else parent[at] = value;
    const next = errorOf(root, whole);
    // What stands there is in the message: the same place is the same mistake, whatever is found there.
    if (path.length === 1 && value === undefined) continue;
    const [place, other] = [next === null ? '' : placeOf(next), placeOf(before)];
    if (next === null || !(isWithin(place, other) || isWithin(other, place))) return true;
  }
  parent[at] = held;
  return false;
}

/** What others call it. */
const ELSEWHERE: Readonly<Record<string, string>> = Object.freeze({
  string: 'text',
  integer: 'number',
  int: 'number',
  float: '{ number: double }',
  double: '{ number: double }',
  decimal: '{ number: decimal }',
  numeric: '{ number: decimal }',
  boolean: 'bool',
  date: 'instant',
  datetime: 'instant',
  timestamp: 'instant',
  epoch: '{ instant: seconds }',
  unix: '{ instant: seconds }',
  interval: 'duration',
  timespan: 'duration',
  cents: '{ money: { scale: 2, minor: primary } }',
  array: '{ list: … }',
  object: '{ object: … }',
  id: '{ ref: … }',
  uuid: '{ ref: … }',
  any: 'strict',
  ignore: '{ ignored: why }',
  ignored: '{ ignored: why }',
  skip: '{ ignored: why }',
  json: 'jsonb',
});

/** Options that the word for the list's order stands for. */
const OF_LISTS: Readonly<Record<string, string>> = Object.freeze({
  order: '{ set: … } for a list in any order',
  by: '{ ordered: …, by: … }',
  sortParam: '{ ordered: …, by: …, sortParam: … }',
});

/** `; did you mean number?`, where one of what was expected is near. */
function meant(root: Tree, path: readonly string[], message: string): string {
  const [, list = ''] = /expected (?:exactly )?(?:one of )?(.*?); found/.exec(message) ?? [];
  const expected = list.split(/,? or |, | and /).filter((word) => /^[\w-]+$/.test(word));
  const found = path.reduce<unknown>((value, key) => (isTree(value) ? value[key] : undefined), root);
  const words = typeof found === 'string' ? [found.replace(/\?$/, '')] : isTree(found) ? Object.keys(found) : [];
  for (const word of [...words, path.at(-1) ?? '']) {
    const isRule = expected.includes('strict') || expected.includes('nullable');
    const inList = expected.includes('list') || expected.includes('set');
    const own = isRule ? ELSEWHERE : inList ? OF_LISTS : {};
    const known = Object.hasOwn(own, word) ? own[word] : undefined;
    if (known !== undefined) return `; did you mean ${known}?`;
    const near = expected.includes(word) ? null : nearest(word, expected);
    if (near !== null) return `; did you mean ${near}?`;
  }
  return '';
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
