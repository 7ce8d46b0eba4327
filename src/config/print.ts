/** A config for people and for its digest: without secrets. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Config } from '../config-schema.ts';
import { isTree } from './tree.ts';

/** The effective config as YAML, secrets and credentials in URLs left out. */
export function printConfig(config: Config): string {
  return stringify(withoutSecrets(config), { lineWidth: 120 });
}

export function digestOf(config: Config): string {
  return createHash('sha256')
    .update(JSON.stringify(withoutSecrets(config)))
    .digest('hex')
    .slice(0, 16);
}

function withoutSecrets(config: Config): unknown {
  const { token, ...admin } = config.admin;
  return withoutCredentials({ ...config, admin: token === undefined ? admin : { ...admin, token: '(set)' } });
}

/** User and password of any URL in the value become `***`. */
export function withoutCredentials(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^([a-z+]+:\/\/)[^/@\s]*@/i, '$1***@');
  if (Array.isArray(value)) return value.map(withoutCredentials);
  if (isTree(value))
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, withoutCredentials(held)]));
  return value;
}
