/** What a rule of the user's own gave back: a mistake in it must not travel on as a difference that nobody can read. */
import type { DifferenceKind, Measure } from '../../types.ts';

type Finding = { readonly kind: DifferenceKind; readonly measure: Measure };
type Tree = Readonly<Record<string, unknown>>;

const KINDS: Readonly<Record<DifferenceKind, true>> = {
  missing: true,
  extra: true,
  value: true,
  type: true,
  order: true,
  status: true,
  header: true,
};

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isText = (value: unknown): boolean => typeof value === 'string';
const isPair = (value: unknown, of: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length === 2 && value.every(of);

const PARTS: Readonly<Record<Measure['of'], (measure: Tree) => boolean>> = {
  number: ({ delta, unit }) => isText(delta) && isText(unit),
  instant: ({ shiftMs }) => isNumber(shiftMs),
  text: ({ how, lengths }) => isText(how) && isPair(lengths, isNumber),
  entity: ({ how }) => isText(how),
  length: ({ lengths }) => isPair(lengths, isNumber),
  type: ({ types }) => isPair(types, isText),
  status: ({ statuses }) => isPair(statuses, isNumber),
  moved: ({ from, to }) => isNumber(from) && isNumber(to),
  none: () => true,
};

export function isFinding(value: unknown): value is Finding {
  if (!isTree(value) || !isTree(value.measure)) return false;
  const { kind, measure } = value;
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) return false;
  return typeof measure.of === 'string' && isKnown(measure.of) && PARTS[measure.of](measure);
}

/** What it is instead, without its values: they may be personal data. */
export function foundInstead(value: unknown): string {
  if (value instanceof Promise) return 'a promise: the rule must not be async';
  if (value === undefined) return 'undefined: a way through it has no return';
  if (!isTree(value)) return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'no keys'}, of another kind or measure`;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const isKnown = (of: string): of is Measure['of'] => Object.hasOwn(PARTS, of);
