/** Changes to the fields that one side is asked with, the same on every way to it. */
import type { RawHeaders } from '../types.ts';

export interface HeaderChanges {
  readonly set?: Readonly<Record<string, string>>;
  /** Name as the client sends it, in any spelling -> name to send it under. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly drop?: readonly string[];
}

/**
 * The fields with the changes made, in their order. A set or renamed field replaces one that the client sent
 * under that name; a Host that was dropped or renamed away leaves the side's own.
 */
export function changedFields(fields: RawHeaders, changes: HeaderChanges, ownHost: string): string[] {
  const set = new Map(Object.entries(changes.set ?? {}).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  const renamed = new Map(Object.entries(changes.rename ?? {}).map(([from, to]) => [from.toLowerCase(), to]));
  const present = new Set<string>();
  for (let i = 0; i + 1 < fields.length; i += 2) present.add((fields[i] ?? '').toLowerCase());
  const replaced = new Set(changes.drop?.map((name) => name.toLowerCase()));
  for (const [from, to] of renamed) if (present.has(from)) replaced.add(to.toLowerCase());
  const changed: string[] = [];
  let hasHost = false;
  const put = (name: string, value: string): void => {
    hasHost ||= name.toLowerCase() === 'host';
    changed.push(name, value);
  };
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const lower = name.toLowerCase();
    const to = renamed.get(lower);
    if (to !== undefined) {
      if (!set.has(to.toLowerCase())) put(to, fields[i + 1] ?? '');
    } else if (!set.has(lower) && !replaced.has(lower)) put(name, fields[i + 1] ?? '');
  }
  for (const { name, value } of set.values()) put(name, value);
  if (!hasHost) changed.unshift('Host', ownHost);
  return changed;
}

/** The changes as a function of the fields; null where there are none. */
export function changerOf(
  changes: HeaderChanges,
  url: string | undefined,
): ((fields: RawHeaders) => RawHeaders) | null {
  const none = [changes.set ?? {}, changes.rename ?? {}].every((map) => Object.keys(map).length === 0);
  if (url === undefined || (none && (changes.drop ?? []).length === 0)) return null;
  const { host } = new URL(url);
  return (fields) => changedFields(fields, changes, host);
}
