/**
 * Which certificates the config trusts for a side behind TLS, and shows to it. The files are read here, so that a missing
 * one is reported at the start.
 */
import { readFileSync } from 'node:fs';
import { readCertificate } from '../base/certificate.ts';
import type { TlsTrust } from '../base/tls-trust.ts';
import type { Config } from '../config.ts';
import { messageOf, ShadowError } from '../errors.ts';
import type { Side } from '../types.ts';

/** @throws ShadowError as `authorityOf` and `clientOf` do. */
export function trustOf(side: Side, config: Config): TlsTrust {
  return { verify: config[side].tls.verify, ca: authorityOf(side, config), client: clientOf(side, config) };
}

/** @throws ShadowError SHADOW_CONFIG for a file that cannot be read or holds no certificate. */
export function authorityOf(side: Side, config: Config): TlsTrust['ca'] {
  const { caFile } = config[side].tls;
  return caFile === undefined ? null : readAuthority(`${side}.tls.caFile`, caFile);
}

/** @throws ShadowError SHADOW_KEY for files that cannot be read or do not fit together. */
export function clientOf(side: Side, config: Config): TlsTrust['client'] {
  const files = config[side].tls.client;
  if (files === undefined) return null;
  const { cert, key } = readCertificate(files, `${side}.tls.client`);
  return { cert: cert.toString('utf8'), key: key.toString('utf8') };
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
