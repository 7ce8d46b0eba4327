/** Keys and tokens, from the environment or a file; they are never printed. */

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { counted } from '../base/figure-words.ts';
import type { Config, Environment } from '../config.ts';
import { messageOf, ShadowError } from '../errors.ts';

export interface Secrets {
  /** Key of the hashes that stand for values. Replicas whose evidence counts together need the same. */
  readonly redactionKey: Uint8Array;
  /** 32 bytes; null: no evidence is kept, replay refuses. */
  readonly evidenceKey: Uint8Array | null;
  /** Value of X-Shadow-Loop by which proxies know each other's shadow reads. */
  readonly loopSecret: string;
  readonly adminToken: string | null;
  readonly adminReadToken: string | null;
  /** Opens sealed answers, where `evidence.reveal` allows it. */
  readonly revealToken: string | null;
  /** Where alerts are sent; null: nowhere. */
  readonly alertUrl: string | null;
  readonly alertToken: string | null;
}

/** Secrets that the environment may hold, and the option that names the file otherwise. */
export const SECRET_VARIABLES = {
  SHADOWREAD_REDACTION_KEY: 'redaction.keyFile',
  SHADOWREAD_EVIDENCE_KEY: 'evidence.keyFile',
  SHADOWREAD_LOOP_SECRET: 'loop.secretFile',
  SHADOWREAD_REVEAL_TOKEN: 'admin.revealTokenFile',
  SHADOWREAD_ALERT_URL: 'alerts.webhook.urlFile',
  SHADOWREAD_ALERT_TOKEN: 'alerts.webhook.tokenFile',
} as const;

/** @throws ShadowError SHADOW_KEY for a file that cannot be read or an invalid key. */
export function readSecrets(config: Config, environment: Environment): Secrets {
  const redaction = redactionKeyOf(config, environment);
  return Object.freeze({
    redactionKey: redaction === null ? randomBytes(32) : createHash('sha256').update(redaction).digest(),
    evidenceKey: evidenceKeyOf(config, environment),
    loopSecret: loopSecretOf(config, environment) ?? randomKey(),
    adminToken: fromFile(config.admin.tokenFile, 'admin.tokenFile') ?? config.admin.token ?? null,
    adminReadToken: fromFile(config.admin.readTokenFile, 'admin.readTokenFile'),
    revealToken: revealTokenOf(config, environment),
    alertUrl: alertUrlOf(config, environment),
    alertToken: alertTokenOf(config, environment),
  });
}

/**
 * The environment with which all processes of a replica come to the same keys, the one with the admin port included: of a key
 * that is not configured each would make one of its own, and what one has hashed would mean nothing to another.
 */
export function sharedKeys(config: Config, environment: Environment): Readonly<Record<string, string>> {
  return {
    ...(redactionKeyOf(config, environment) === null ? { SHADOWREAD_REDACTION_KEY: randomKey() } : {}),
    ...(loopSecretOf(config, environment) === null ? { SHADOWREAD_LOOP_SECRET: randomKey() } : {}),
  };
}

const randomKey = (): string => randomBytes(32).toString('hex');

/** Every secret that cannot be used, with the option it comes from. */
export function secretMistakes(
  config: Config,
  environment: Environment,
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const readers = [
    [['redaction', 'keyFile'], () => redactionKeyOf(config, environment)],
    [['evidence', 'keyFile'], () => evidenceKeyOf(config, environment)],
    [['loop', 'secretFile'], () => loopSecretOf(config, environment)],
    [['admin', 'tokenFile'], () => fromFile(config.admin.tokenFile, 'admin.tokenFile')],
    [['admin', 'readTokenFile'], () => fromFile(config.admin.readTokenFile, 'admin.readTokenFile')],
    [['evidence', 'reveal'], () => revealTokenOf(config, environment)],
    [['alerts', 'webhook', 'urlFile'], () => alertUrlOf(config, environment)],
    [['alerts', 'webhook', 'tokenFile'], () => alertTokenOf(config, environment)],
  ] as const;
  return readers.flatMap(([path, read]) => {
    try {
      read();
      return [];
    } catch (error) {
      return [{ path, message: messageOf(error) }];
    }
  });
}

function redactionKeyOf(config: Config, environment: Environment): string | null {
  return environment.SHADOWREAD_REDACTION_KEY ?? fromFile(config.redaction.keyFile, 'redaction.keyFile');
}

function evidenceKeyOf(config: Config, environment: Environment): Uint8Array | null {
  const text = environment.SHADOWREAD_EVIDENCE_KEY ?? fromFile(config.evidence.keyFile, 'evidence.keyFile');
  return text === null ? null : key32(text);
}

/** @throws ShadowError SHADOW_KEY where `evidence.reveal` is on without the keys to open anything */
function revealTokenOf(config: Config, environment: Environment): string | null {
  const token = environment.SHADOWREAD_REVEAL_TOKEN ?? fromFile(config.admin.revealTokenFile, 'admin.revealTokenFile');
  if (token !== null && token.length < 16) {
    throw new ShadowError('SHADOW_KEY', 'SHADOWREAD_REVEAL_TOKEN is too short', {
      expected: 'at least 16 characters',
      actual: 'fewer',
      example: 'SHADOWREAD_REVEAL_TOKEN=$(openssl rand -hex 24)',
    });
  }
  const hasKey = environment.SHADOWREAD_EVIDENCE_KEY !== undefined || config.evidence.keyFile !== undefined;
  if (config.evidence.reveal && (token === null || !hasKey)) {
    throw new ShadowError('SHADOW_KEY', 'evidence.reveal is on and nothing could be opened', {
      expected: 'evidence.keyFile or SHADOWREAD_EVIDENCE_KEY, and admin.revealTokenFile or SHADOWREAD_REVEAL_TOKEN',
      actual: token === null ? 'no reveal token' : 'no evidence key',
      example: 'SHADOWREAD_REVEAL_TOKEN=$(openssl rand -hex 24)',
    });
  }
  return token;
}

function alertUrlOf({ alerts }: Config, environment: Environment): string | null {
  const { url, urlFile } = alerts.webhook;
  const given = environment.SHADOWREAD_ALERT_URL || fromFile(urlFile, 'alerts.webhook.urlFile') || url || null;
  if (given === null || (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol))) return given;
  throw new ShadowError('SHADOW_KEY', 'the address of the alerts is no URL', {
    expected: 'an http:// or https:// URL in alerts.webhook.url, alerts.webhook.urlFile or SHADOWREAD_ALERT_URL',
    actual: 'something else, which is not shown',
  });
}

function alertTokenOf({ alerts }: Config, environment: Environment): string | null {
  return environment.SHADOWREAD_ALERT_TOKEN || fromFile(alerts.webhook.tokenFile, 'alerts.webhook.tokenFile');
}

/** The secret is sent as a header field, so it must be text that a field can hold. */
function loopSecretOf(config: Config, environment: Environment): string | null {
  const secret = environment.SHADOWREAD_LOOP_SECRET ?? fromFile(config.loop.secretFile, 'loop.secretFile');
  if (secret === null || /^[\x21-\x7e]{16,256}$/.test(secret)) return secret;
  throw new ShadowError('SHADOW_KEY', 'the secret of the loop cannot be sent in a header field', {
    expected: '16 to 256 visible ASCII characters',
    actual: counted(secret.length, 'character'),
    example: 'SHADOWREAD_LOOP_SECRET=$(openssl rand -hex 24)',
  });
}

function fromFile(path: string | undefined, option: string): string | null {
  if (path === undefined) return null;
  try {
    const text = readFileSync(path, 'utf8').trim();
    if (text.length >= 16) return text;
  } catch (error) {
    throw new ShadowError('SHADOW_KEY', `${option} cannot be read`, {
      expected: 'a readable file',
      actual: messageOf(error),
    });
  }
  throw new ShadowError('SHADOW_KEY', `${option} is too short`, {
    expected: 'at least 16 characters',
    actual: 'fewer',
    example: `openssl rand -hex 32 > ${path}`,
  });
}

/** 32 bytes written as 64 hex digits or in base64. */
function key32(text: string): Uint8Array {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (bytes.length === 32) return bytes;
  throw new ShadowError('SHADOW_KEY', 'the evidence key is not a key', {
    expected: '32 bytes as 64 hex digits or in base64',
    actual: `${bytes.length} bytes`,
    example: 'SHADOWREAD_EVIDENCE_KEY=$(openssl rand -hex 32)',
  });
}
