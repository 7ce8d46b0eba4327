/** Who asks, as far as a data plane can tell: defined once, for stickiness, sampling, evidence and what is never kept. */
import type { RawHeaders } from '../types.ts';
import { fieldOf } from './fields.ts';

/** Fields that identify or authenticate a caller, lowercase. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'x-auth-token',
]);

export const isCredential = (name: string): boolean => CREDENTIALS.has(name.toLowerCase());

/** The fields in two: the caller's credentials, and the rest. */
export function splitCredentials(raw: RawHeaders): { readonly credentials: string[]; readonly rest: string[] } {
  const credentials: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    (isCredential(raw[i] ?? '') ? credentials : rest).push(raw[i] ?? '', raw[i + 1] ?? '');
  }
  return { credentials, rest };
}

/** All credentials as one text, whatever their order and spelling; empty for a caller who shows none. In memory only. */
export function credentialsOf(raw: RawHeaders): string {
  const { credentials } = splitCredentials(raw);
  const lines: string[] = [];
  for (let i = 0; i + 1 < credentials.length; i += 2) {
    lines.push(`${credentials[i]?.toLowerCase()}: ${credentials[i + 1]}\n`);
  }
  return lines.sort().join('');
}

/**
 * The key that makes a caller's reads stick to one side and to one sample: the credentials, else the address that a load
 * balancer reported; empty for callers who cannot be told apart. In memory only.
 */
export function callerKeyOf(raw: RawHeaders): string {
  return credentialsOf(raw) || (fieldOf(raw, 'x-forwarded-for') ?? '');
}
