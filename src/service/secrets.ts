/** Keys and tokens: from the environment or a file, never from the config's text where a file will do, never printed. */

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config, Environment } from '../config.ts';
import { messageOf, ShadowError } from '../errors.ts';

export interface Secrets {
  /** Key of the hashes that stand for values. Replicas whose evidence counts together need the same. */
  readonly redactionKey: Uint8Array;
  /** True where the redaction key is random and dies with the process. */
  readonly redactionKeyIsRandom: boolean;
  /** 32 bytes; null: no evidence is kept, replay refuses. */
  readonly evidenceKey: Uint8Array | null;
  readonly adminToken: string | null;
  readonly adminReadToken: string | null;
}

/** @throws ShadowError SHADOW_KEY for a file that cannot be read or a key that is none. */
export function readSecrets(config: Config, environment: Environment): Secrets {
  const redaction = environment.SHADOWREAD_REDACTION_KEY ?? fromFile(config.redaction.keyFile, 'redaction.keyFile');
  const evidence = environment.SHADOWREAD_EVIDENCE_KEY ?? fromFile(config.evidence.keyFile, 'evidence.keyFile');
  return Object.freeze({
    redactionKey: redaction === null ? randomBytes(32) : createHash('sha256').update(redaction).digest(),
    redactionKeyIsRandom: redaction === null,
    evidenceKey: evidence === null ? null : key32(evidence),
    adminToken: fromFile(config.admin.tokenFile, 'admin.tokenFile') ?? config.admin.token ?? null,
    adminReadToken: fromFile(config.admin.readTokenFile, 'admin.readTokenFile'),
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
