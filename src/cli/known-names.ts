/** Names to filter by that nothing fits: a misspelt one must not look like a list without entries. */
import type { LoadedConfig } from '../config.ts';
import { ShadowError } from '../errors.ts';
import { apiOrExample } from './api.ts';
import { requireDomain } from './options.ts';

/**
 * For a list that came out empty. What the journal keeps of routes that the config no longer has can still be listed.
 *
 * @throws ShadowError SHADOW_DOMAIN, SHADOW_ROUTE for a name that the config does not have
 */
export async function requireKnownNames(
  loaded: LoadedConfig,
  { domain, route }: { readonly domain?: string | undefined; readonly route?: string | undefined },
): Promise<void> {
  if (domain === undefined && route === undefined) return;
  const { domains, routes } = await apiOrExample(loaded);
  if (domain !== undefined) requireDomain(domain, domains);
  const keys = routes.map(({ key }) => key);
  // Routes that are found by the shape of their paths are not known beforehand.
  if (route === undefined || keys.length === 0 || keys.includes(route)) return;
  throw new ShadowError('SHADOW_ROUTE', 'there is no such route', {
    expected: `one of ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''}`,
    actual: route,
  });
}
