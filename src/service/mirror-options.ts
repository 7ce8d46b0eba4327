/** The options of the mirror and its verifiers, made from the config. */

import type { ApiSource } from '../api/load.ts';
import type { Config } from '../config.ts';
import type { MirrorOptions } from '../mirror/options.ts';
import { POOL_DEFAULTS } from '../mirror/pool.ts';
import type { Policy } from '../types.ts';
import { nicenessOf } from './niceness.ts';
import { furtherOrigins, idKindsOf } from './pairing.ts';
import { primaryChanges } from './primary-client.ts';
import type { Secrets } from './secrets.ts';
import { trustOf } from './trust.ts';

export function mirrorOptionsOf(
  config: Config,
  api: ApiSource,
  secrets: Secrets,
  policy: Policy,
): Omit<MirrorOptions, 'onVerdict'> {
  return {
    policy,
    primaryUrl: config.primary.url ?? '',
    twinUrl: config.twin.url ?? null,
    origins: furtherOrigins(config),
    api,
    redaction: {
      key: secrets.redactionKey,
      showPaths: config.redaction.showPaths,
      show: config.redaction.show,
    },
    evidenceKey: secrets.evidenceKey,
    evidenceTtlMs: config.evidence.ttlHours * 3_600_000,
    migrationPgUrl: config.stores.postgres ?? null,
    journalUrl: config.journal.url ?? null,
    ids: idKindsOf(config),
    ...(config.twin.credentials === undefined ? {} : { credentials: config.twin.credentials }),
    mongodbUri: config.stores.mongo ?? null,
    workers: config.verifier.workers,
    settle: config.settle,
    representation: config.twin.representation,
    headers: { primary: primaryChanges(config), twin: config.twin.headers },
    callerFields: config.shadow.callerFields,
    tls: { primary: trustOf('primary', config), twin: trustOf('twin', config) },
    loopSecret: secrets.loopSecret,
    niceness: nicenessOf(config),
    connectTimeoutMs: config.twin.connectTimeoutMs,
    primaryTimeouts: {
      // Before its read would be given up as one without a verdict, which a gate does not forgive.
      timeoutMs: Math.min(config.primary.timeoutMs, Math.ceil(config.verifier.jobMs / 2)),
      connectTimeoutMs: config.primary.connectTimeoutMs,
    },
    compare: config.verifier.compare,
    memory: config.verifier.memory,
    twinBodyBytes: config.twin.bodyBytes,
    control: config.shadow.control,
    notModified: config.shadow.notModified,
    breaker: config.twin.breaker,
    resourceLimits: { ...POOL_DEFAULTS.resourceLimits, maxOldGenerationSizeMb: config.verifier.heapMb },
    hangMs: config.verifier.hangMs,
    jobMs: config.verifier.jobMs,
  };
}
