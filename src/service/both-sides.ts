/** Rechecks outside a running proxy: one worker, started with the first recheck. */
import type { LoadedApi } from '../api/load.ts';
import type { Config } from '../config.ts';
import { EXIT, ShadowError } from '../errors.ts';
import { createMirror, type Mirror } from '../mirror/mirror.ts';
import type { Verdict } from '../types.ts';
import { mirrorOptionsOf } from './mirror-options.ts';
import { createPolicy } from './policy.ts';
import type { Secrets } from './secrets.ts';

export interface BothSides {
  /** Free of sealed evidence. @throws ShadowError SHADOW_KEY without a key, SHADOW_REFUSED where it depends on a caller */
  recheck(evidence: Uint8Array): Promise<Verdict>;
  close(): Promise<void>;
}

const CLOSE_MS = 1_000;

export function openBothSides(config: Config, api: LoadedApi, secrets: Secrets): BothSides {
  let started: Promise<Mirror> | null = null;
  const start = async (): Promise<Mirror> => {
    const policy = createPolicy(config, api.routes).current();
    const mirror = createMirror({
      ...mirrorOptionsOf(config, api.source, secrets, policy),
      workers: 1,
      onVerdict: () => undefined,
    });
    await mirror.ready;
    return mirror;
  };
  return {
    async recheck(evidence) {
      if (secrets.evidenceKey === null) {
        throw new ShadowError('SHADOW_KEY', 'sealed evidence cannot be opened without its key', {
          expected: 'evidence.keyFile or SHADOWREAD_EVIDENCE_KEY',
          actual: 'neither',
          exit: EXIT.undecided,
        });
      }
      started ??= start();
      const verdict = await (await started).recheck(evidence);
      return { ...verdict, evidence: null };
    },
    async close() {
      const mirror = await started?.catch(() => null);
      await mirror?.close({ deadlineMs: CLOSE_MS });
    },
  };
}
