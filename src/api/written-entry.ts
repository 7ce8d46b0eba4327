/** A route as a config file writes it. */
import { pathToFileURL } from 'node:url';
import { messageOf, ShadowError } from '../errors.ts';
import { comparatorFrom, ruleFrom } from '../rules/inline.ts';
import { comparator, strict } from '../rules/kit.ts';
import type { Comparator } from '../rules/rule.ts';
import { headersFrom } from '../rules/written-headers.ts';
import { codeDigest } from './module-code.ts';
import { offerOwnPackage } from './own-package.ts';
import { segmentsOf } from './pattern.ts';
import { queryOfReads, readsFrom } from './reads.ts';
import type { QueryDeclaration, RouteEntry } from './route.ts';
import { queryFrom } from './written-query.ts';

type Written = Readonly<Record<string, unknown>>;

/** A comparator by its name. @throws ShadowError SHADOW_RULE */
type Known = (name: string) => Promise<Comparator>;

/** @throws ShadowError SHADOW_ROUTE for what is no route, SHADOW_RULE for rules that cannot be read */
export async function writtenEntry(value: unknown, known: Known): Promise<RouteEntry> {
  const written: Written = typeof value === 'object' && value !== null ? { ...value } : {};
  const { pattern, domain } = written;
  if (typeof pattern !== 'string' || typeof domain !== 'string') {
    throw new ShadowError('SHADOW_ROUTE', 'a route entry is not complete', {
      expected: 'pattern, domain, and one of comparator, module, rules',
      actual: Object.keys(written).join(', ') || typeof value,
    });
  }
  const method = written.method === 'POST' ? 'POST' : 'GET';
  const key = `${method} ${pattern}`;
  const reads = readsFrom(written.reads, pattern);
  const { query, ignored } = queryFrom(written.query);
  return Object.freeze({
    key,
    method,
    pattern,
    domain,
    ...(reads === undefined ? {} : { reads }),
    ...(typeof written.twinPath === 'string' ? { twinPath: written.twinPath } : {}),
    comparator: await comparatorOf(written, key, known),
    query: { ...queryOfReads({ pattern, ...(reads === undefined ? {} : { reads }) }), ...query },
    ignoredQuery: ignored,
    shows: readableParameters(pattern, query, written.hidden),
    ids: idsOf(written, key),
    access: 'caller',
    perCaller: written.perCaller === true,
    redirects: written.redirects === true,
    fewAnswers: typeof written.fewAnswers === 'number' ? written.fewAnswers : null,
    statuses: [],
  });
}

const parametersOf = (pattern: string): string[] =>
  segmentsOf(pattern).flatMap((segment) => (segment.kind === 'parameter' ? [segment.name] : []));

/** By declaring a parameter the author allows its values to be shown, except for those listed as hidden. */
function readableParameters(pattern: string, query: QueryDeclaration, hidden: unknown): readonly string[] {
  const inPath = parametersOf(pattern);
  const kept: readonly unknown[] = Array.isArray(hidden) ? hidden : [];
  return [...inPath, ...Object.keys(query)].filter((name) => !kept.includes(name));
}

/** @throws ShadowError SHADOW_ROUTE for a parameter that the pattern does not have */
function idsOf({ ids, pattern }: Written, key: string): Readonly<Record<string, string>> {
  if (typeof ids !== 'object' || ids === null) return {};
  const parameters = parametersOf(String(pattern));
  return Object.fromEntries(
    Object.entries(ids).map(([name, collection]) => {
      if (parameters.includes(name)) return [name, String(collection)];
      throw new ShadowError('SHADOW_ROUTE', `${key}: ids names no parameter of the path`, {
        expected: parameters.length === 0 ? 'a path with a :parameter' : `one of ${parameters.join(', ')}`,
        actual: name,
      });
    }),
  );
}

async function comparatorOf(written: Written, key: string, known: Known): Promise<Comparator> {
  const found = await givenComparator(written, key, known);
  if (written.headers === undefined) return found;
  const headers = headersFrom(written.headers, `${key}: headers`);
  return headers.names === undefined
    ? Object.freeze({ ...found, headerRules: { ...found.headerRules, ...headers.rules } })
    : Object.freeze({ ...found, headers: [...found.headers, ...headers.names] });
}

/** Inline rules are the rule of a good body, or `{ body, error, headers }`. */
async function givenComparator(written: Written, key: string, known: Known): Promise<Comparator> {
  const { rules, module, comparator: given } = written;
  if (typeof given === 'object' && given !== null) return comparatorFrom(key, given, `${key}: comparator`);
  if (rules !== undefined) {
    const at = `${key}: rules`;
    if (typeof rules === 'object' && rules !== null && 'body' in rules) return comparatorFrom(key, rules, at);
    // How another API's errors look is not known: they are compared strictly.
    return comparator(key, ruleFrom(rules, at), { error: strict() });
  }
  return typeof module === 'string' ? fromModule(module) : known(String(written.comparator));
}

/** A module of the user's own: its default export is a comparator. A path is relative to where the process was started. */
async function fromModule(module: string): Promise<Comparator> {
  let exported: { readonly default?: unknown };
  const address = /^[a-z]+:/i.test(module) ? module : pathToFileURL(module).href;
  offerOwnPackage();
  try {
    exported = await import(address);
  } catch (error) {
    throw new ShadowError('SHADOW_RULE', 'a comparator cannot be loaded', {
      expected: 'a module whose default export is a comparator',
      actual: `${module}: ${messageOf(error)}`,
      cause: error,
    });
  }
  if (isComparator(exported.default)) return Object.freeze({ ...exported.default, code: codeDigest(address) });
  throw new ShadowError('SHADOW_RULE', 'a module has no comparator', {
    expected: 'a default export that comparator(name, rule) gave',
    actual: module,
    example: "export default comparator('orders.one', object({ id: ref('orders') }))",
  });
}

function isComparator(value: unknown): value is Comparator {
  return typeof value === 'object' && value !== null && 'name' in value && 'body' in value && 'error' in value;
}
