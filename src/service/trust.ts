/**
 * Which certificates the config trusts for a side behind TLS. The authority's file is read here, so that a missing
 * file is reported at the start.
 */
import { readFileSync } from 'node:fs';
import type { TlsTrust } from '../base/tls-trust.ts';
import type { Config } from '../config.ts';
import { messageOf, ShadowError } from '../errors.ts';
import type { Side } from '../types.ts';

/** @throws ShadowError SHADOW_CONFIG for a file that cannot be read or holds no certificate. */
export function trustOf(side: Side, config: Config): TlsTrust {
  const { verify, caFile } = config[side].tls;
  return { verify, ca: caFile === undefined ? null : readAuthority(`${side}.tls.caFile`, caFile) };
}

function readAuthority(option: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ShadowError('SHADOW_CONFIG', `${option} cannot be read`, {
      expected: 'a PEM file with the certificate of an authority',
      actual: messageOf(error),
    });
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new ShadowError('SHADOW_CONFIG', `${option} holds no certificate`, {
    expected: 'PEM, beginning with -----BEGIN CERTIFICATE-----',
    actual: file,
  });
}
