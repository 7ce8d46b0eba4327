/** The routes a config names: the built-in table, routes of one's own, or both; and that every name in it is known. */
import { createHash } from 'node:crypto';
import { type Config, ConfigError, type ConfigMistake } from '../config.ts';
import { domainRules } from '../journal/domain-rules.ts';
import { amanatRoutes } from '../routes/index.ts';
import { rulesDigest } from '../rules/digest.ts';
import type { Route } from '../types.ts';

/** Routes without their code, as the data plane needs them. @throws ConfigError for names that no route has. */
export function routesOf(config: Config, file: string | null = null): readonly Route[] {
  const builtIn: readonly Route[] =
    config.routes.table === 'none'
      ? []
      : amanatRoutes.map(({ key, method, pattern, domain }) => ({ key, method, pattern, domain }));
  const own = config.routes.entries.map(
    ({ method, pattern, domain }): Route => ({ key: `${method} ${pattern}`, method, pattern, domain }),
  );
  const routes = [...builtIn, ...own];
  const mistakes = [...unknownNames(config, routes), ...withoutComparator(config)];
  if (mistakes.length > 0) throw new ConfigError(file, mistakes);
  return Object.freeze(routes.map((route) => Object.freeze(route)));
}

export function domainsOf(routes: readonly Route[]): readonly string[] {
  return [...new Set(routes.map((route) => route.domain))];
}

function unknownNames(config: Config, routes: readonly Route[]): ConfigMistake[] {
  const keys = new Set(routes.map((route) => route.key));
  const domains = new Set(routes.map((route) => route.domain));
  return [
    ...Object.keys(config.routes.overrides)
      .filter((key) => !keys.has(key))
      .map((key) =>
        mistake(
          `routes.overrides.${key}`,
          'SHADOW_ROUTE: expected a route of the table, such as "GET /api/payments/:id"; found one that matches nothing',
        ),
      ),
    ...Object.keys(config.domains)
      .filter((domain) => !domains.has(domain))
      .map((domain) =>
        mistake(`domains.${domain}`, `SHADOW_DOMAIN: expected one of ${[...domains].join(', ')}; found ${domain}`),
      ),
  ];
}

function withoutComparator(config: Config): ConfigMistake[] {
  return config.routes.entries.flatMap((entry, index) => {
    const given = [entry.comparator, entry.module, entry.rules].filter((value) => value !== undefined).length;
    return given === 1
      ? []
      : [mistake(`routes.entries.${index}`, `expected one of comparator, module and rules; found ${given} of them`)];
  });
}

const mistake = (path: string, message: string): ConfigMistake => ({ line: null, path, message });

/** One digest over all rules of each domain: a change of any begins an evidence epoch of the domain. */
export function rulesByDomain(config: Config): Readonly<Record<string, string>> {
  const builtIn =
    config.routes.table === 'none'
      ? []
      : amanatRoutes.map(({ key, domain, comparator }) => ({ key, domain, digest: rulesDigest(comparator) }));
  const own = config.routes.entries.map((entry) => ({
    key: `${entry.method} ${entry.pattern}`,
    domain: entry.domain,
    digest: createHash('sha256').update(JSON.stringify(entry)).digest('hex'),
  }));
  return domainRules([...builtIn, ...own]);
}
