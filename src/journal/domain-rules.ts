import { createHash } from 'node:crypto';

/**
 * One digest per domain, over the digests of the rules of all its routes. The domain begins a new evidence epoch
 * when one of them changes, or a route is added or removed.
 */
export function domainRules(
  routes: readonly { readonly key: string; readonly domain: string; readonly digest: string }[],
): Readonly<Record<string, string>> {
  const lines = new Map<string, string[]>();
  for (const { key, domain, digest } of routes) lines.set(domain, [...(lines.get(domain) ?? []), `${key} ${digest}`]);
  return Object.freeze(
    Object.fromEntries(
      [...lines].map(([domain, of]) => [
        domain,
        createHash('sha256').update(of.sort().join('\n')).digest('hex').slice(0, 16),
      ]),
    ),
  );
}
