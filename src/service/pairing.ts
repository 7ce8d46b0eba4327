/** What the config says of how the ids, and the origins in URLs, of the two sides are paired. */
import type { Config } from '../config.ts';
import type { Side } from '../types.ts';
import type { IdKind } from '../verifier/ids/related-ids.ts';

/** Collections whose ids are paired without looking them up. */
export function idKindsOf(config: Config): Readonly<Record<string, IdKind>> {
  const kinds: Record<string, IdKind> = {};
  for (const [collection, { by, type = null, per, rule, query, url = null }] of Object.entries(config.ids)) {
    if (by === 'rule' && rule !== undefined) kinds[collection] = { by, type, rule };
    else if (by === 'query' && query !== undefined) kinds[collection] = { by, type, query, url };
    else if (by === 'consistent') kinds[collection] = { by, type, perHost: per === 'host' };
    else if (by === 'same') kinds[collection] = { by, type };
  }
  return kinds;
}

/** Origins that are a side itself in URLs, beside those at which it is asked. */
export const furtherOrigins = ({ primary, twin }: Config): Readonly<Record<Side, readonly string[]>> => ({
  primary: primary.origins,
  twin: twin.origins,
});
