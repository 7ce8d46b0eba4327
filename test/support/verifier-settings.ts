import { NO_API } from '../../src/api/load.ts';
import { NODE_TRUST } from '../../src/base/tls-trust.ts';
import { COMPARE_LIMITS } from '../../src/rules/limits.ts';
import type { VerifierSettings } from '../../src/verifier/settings.ts';

/** Settings for a verifier that runs in the test's own thread. */
export function verifierSettings(
  given: Pick<VerifierSettings, 'primaryUrl' | 'twinUrl'> & Partial<VerifierSettings>,
): VerifierSettings {
  return {
    api: NO_API,
    redaction: { key: Buffer.alloc(32, 7), showPaths: [], show: 'declared' },
    evidenceKey: null,
    evidenceTtlMs: 60_000,
    migrationPgUrl: null,
    ids: {},
    credentials: null,
    mongodbUri: null,
    settle: { delaysMs: [10, 30], busyRounds: 5 },
    headers: {},
    niceness: 0,
    timeoutMs: 60_000,
    connectTimeoutMs: 60_000,
    connections: 4,
    bodyBytes: 8 * 1024 * 1024,
    compare: COMPARE_LIMITS,
    tls: { primary: NODE_TRUST, twin: NODE_TRUST },
    ...given,
  };
}
