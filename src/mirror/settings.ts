import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { NO_API } from '../api/load.ts';
import { NODE_TRUST } from '../base/tls-trust.ts';
import { COMPARE_LIMITS } from '../rules/limits.ts';
import type { VerifierSettings } from '../verifier/protocol.ts';
import { type MirrorOptions, SETTLE_DEFAULTS } from './options.ts';

/** How many worker threads: as asked, else all cores but the main thread's, at least one and at most four. */
export function workersOf(options: MirrorOptions): number {
  return options.workers ?? Math.max(1, Math.min(4, availableParallelism() - 1));
}

/** The options as a worker gets them: plain data with every default filled in. */
export function settingsOf(options: MirrorOptions): VerifierSettings {
  const { limits } = options.policy;
  return {
    primaryUrl: options.primaryUrl,
    twinUrl: options.twinUrl ?? '',
    ...(options.origins === undefined ? {} : { origins: options.origins }),
    api: options.api ?? NO_API,
    redaction: {
      // Without a configured key the hashes hold within this process only, which is all they are needed for then.
      key: options.redaction?.key ?? randomBytes(32),
      showPaths: options.redaction?.showPaths ?? [],
      show: options.redaction?.show ?? 'declared',
    },
    evidenceKey: options.evidenceKey ?? null,
    evidenceTtlMs: options.evidenceTtlMs ?? 7 * 24 * 3_600_000,
    migrationPgUrl: options.migrationPgUrl ?? null,
    journalUrl: options.journalUrl ?? null,
    ids: options.ids ?? {},
    credentials: options.credentials ?? null,
    mongodbUri: options.mongodbUri ?? null,
    settle: { ...SETTLE_DEFAULTS, ...options.settle },
    headers: options.headers ?? {},
    callerFields: options.callerFields ?? [],
    loopSecret: options.loopSecret ?? null,
    niceness: options.niceness ?? 0,
    timeoutMs: limits.twinTimeoutMs,
    connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
    ...(options.primaryTimeouts === undefined ? {} : { primaryTimeouts: options.primaryTimeouts }),
    connections: Math.ceil(limits.twinConcurrency / workersOf(options)),
    bodyBytes: options.twinBodyBytes ?? limits.bodyBytes,
    compare: { ...COMPARE_LIMITS, ...options.compare },
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    tls: options.tls ?? { primary: NODE_TRUST, twin: NODE_TRUST },
  };
}
