/** A comparator as data: printed for people, and digested, because evidence counts only under the same rules. */
import { createHash } from 'node:crypto';
import type { Difference, JsonValue } from '../types.ts';
import { type CurrencyScales, withScales } from './currencies.ts';
import { unescapeSegment } from './engine/path.ts';
import { canonicalJson } from './exact-number.ts';
import type { Comparator, DescribedDifference, Rule } from './rule.ts';

/** To be raised when the engine decides differently under the same rules: earlier evidence then no longer counts. */
const ENGINE = 4;

/**
 * SHA-256 over the canonical rules, first 16 hex digits. A rule of the user's own counts by name and version, and by the
 * code of the module that it comes from, where that is known.
 */
export function rulesDigest(comparator: Comparator): string {
  const rules = describeRules(comparator);
  const parts: Record<string, string> = {
    engine: canonicalJson(ENGINE),
    scales: scalesText(withScales(comparator.currencies ?? {})),
  };
  for (const [name, value] of Object.entries(rules)) parts[name] = canonicalJson(value);
  if (comparator.code !== undefined && hasCustom(rules)) parts.code = canonicalJson(comparator.code);
  const members = Object.keys(parts)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${parts[name]}`);
  return hash16(`{${members.join(',')}}`);
}

/** Most comparators have the same table of some two hundred currencies: it is written once. */
const scalesWritten = new WeakMap<CurrencyScales, string>();

function scalesText(scales: CurrencyScales): string {
  const written = scalesWritten.get(scales) ?? canonicalJson({ ...scales });
  scalesWritten.set(scales, written);
  return written;
}

/** Whether a rule of it is a function of the user's own. */
export function hasFunctions(comparator: Comparator): boolean {
  return hasCustom(describeRules(comparator));
}

/** Whether any part of described rules is a function of the user's own. */
function hasCustom(described: JsonValue): boolean {
  if (typeof described !== 'object' || described === null) return false;
  return 'custom' in described || Object.values(described).some(hasCustom);
}

/** The comparator as plain data without functions, for printing and for the digest. */
export function describeRules(comparator: Comparator): { readonly [key: string]: JsonValue } {
  return {
    name: comparator.name,
    body: describeRule(comparator.body),
    error: describeRule(comparator.error),
    headers: [...comparator.headers],
    ...(comparator.headerRules === undefined ? {} : { headerRules: describeFields(comparator.headerRules) }),
  };
}

function describeRule(rule: Rule): JsonValue {
  switch (rule.rule) {
    case 'nullable':
      return { nullable: describeRule(rule.of) };
    case 'record':
      return rule.keys === undefined
        ? { record: describeRule(rule.of) }
        : { record: describeRule(rule.of), keys: { ref: rule.keys } };
    case 'object':
      return { object: describeFields(rule.fields) };
    case 'list': {
      const order = rule.order.kind === 'keyed' ? { ...rule.order, by: [...rule.order.by] } : rule.order.kind;
      return { list: describeRule(rule.of), order, identity: rule.identity };
    }
    case 'csv': {
      const order = rule.order.kind === 'keyed' ? { ...rule.order, by: [...rule.order.by] } : rule.order.kind;
      const separator = rule.separator === undefined ? {} : { separator: rule.separator };
      return { csv: describeFields(rule.columns), order, identity: rule.identity, ...separator };
    }
    case 'money':
    case 'aggregateMoney':
      return { [rule.rule]: { ...rule.from } };
    case 'ratio':
      return { ratio: { within: rule.within } };
    case 'number':
      return rule.as === undefined ? 'number' : { number: rule.as };
    case 'text':
      return rule.collections === undefined ? 'text' : { text: [...rule.collections] };
    case 'url':
      return rule.collections.length === 0 ? 'url' : { url: [...rule.collections] };
    case 'ref':
      return { ref: rule.collection };
    case 'refBy':
      return { ref: { by: rule.by, of: { ...rule.of } } };
    case 'instant':
      return rule.forms === undefined ? 'instant' : { instant: { ...rule.forms } };
    case 'duration':
      return { duration: { ...rule.units } };
    case 'cursor':
      return { cursor: { key: rule.key, collection: rule.collection } };
    case 'ignored':
      return { ignored: rule.reason };
    case 'custom':
      return { custom: rule.name, version: rule.version };
    case 'enum':
      // Without partners it is compared as text; what may be shown of it does not change the evidence.
      return rule.partners === undefined ? 'text' : { enum: Object.entries(rule.partners) };
    case 'strict':
    case 'bool':
    case 'baseUnits':
    case 'jsonb':
    case 'bytes':
    case 'secret':
      return rule.rule;
  }
}

function describeFields(fields: Readonly<Record<string, Rule>>): { readonly [key: string]: JsonValue } {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, describeRule(field)]));
}

/**
 * The unit an engineer works on: a stable hash of the route, one path and one kind, where array positions and the free
 * keys of records count as `*`. 16 hex digits. A mismatch has one for each of its places: a hash over all of them
 * together would make a new one for every combination of the same few causes.
 */
export function fingerprint(routeKey: string, difference: Difference | DescribedDifference): string {
  return differenceSet(routeKey, [difference]);
}

/** The fingerprint that stands for all further differences of a route. */
export function othersFingerprint(routeKey: string): string {
  return hash16(JSON.stringify([routeKey, OTHERS]));
}

/** The name of the row that stands for all fingerprints beyond the limit. */
export const OTHERS = '(others)';

/** A stable hash of the route and the set of (path, kind): whether two comparisons found the same. */
export function differenceSet(routeKey: string, differences: readonly (Difference | DescribedDifference)[]): string {
  const set = new Set(differences.map((difference) => `${pathPattern(difference)} ${difference.kind}`));
  return hash16(JSON.stringify([routeKey, ...[...set].sort()]));
}

/** A difference's path with `*` for array positions and record keys. Without step kinds, numbers count as positions. */
export function pathPattern(difference: Difference | DescribedDifference): string {
  const { path } = difference;
  if (!path.startsWith('/')) return path;
  const steps = 'steps' in difference ? difference.steps : null;
  const free = (segment: string, i: number): boolean => {
    if (steps === null) return /^\d+$/.test(segment);
    return steps[i] === 'position' || steps[i] === 'key';
  };
  return path
    .split('/')
    .map((segment, i) => (i > 0 && free(unescapeSegment(segment), i - 1) ? '*' : segment))
    .join('/');
}

function hash16(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
