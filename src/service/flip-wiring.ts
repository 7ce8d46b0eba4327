/**
 * The guard of flipped domains between the proxy, the verdicts and the journal. The replica decides; the journal is
 * only told.
 */

import { callerKeyOf } from '../base/caller.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { createFlipGuard, type FlipGuard } from '../gate/guard.ts';
import type { Followed } from '../journal/follow.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { ProxyHooks } from '../proxy/options.ts';
import type { PolicyHolder } from './policy.ts';

export interface FlipWiring {
  readonly guard: FlipGuard;
  readonly hooks: Pick<ProxyHooks, 'onServed' | 'onWrite'>;
  /** Stages as the journal has them: a new stage ends a rollback that this replica made by itself. */
  followed(followed: Followed): void;
  /** What the journal has not been told yet stays untold. */
  close(): void;
}

/** Until the journal is told of a rollback again, ms. */
const AGAIN_MS = 2_000;

export function wireFlip(parts: {
  readonly config: Config;
  readonly policy: PolicyHolder;
  readonly instance: string;
  readonly writer: JournalWriter | null;
  readonly lagMs: () => number | null;
  readonly log: Log;
}): FlipWiring {
  const { policy, writer, log } = parts;
  const versions = new Map<string, number>();
  const untold = new Set<NodeJS.Timeout>();
  let closed = false;
  const guard = createFlipGuard({
    limits: parts.config.flip,
    stageOf: (domain) => policy.current().domains[domain],
    callerOf: callerKeyOf,
    lagMs: parts.lagMs,
    onRollback(domain, why) {
      log.warn(`flip: ${domain} is served by the primary again: ${why}`);
      if (writer !== null) tell(writer, domain, why);
    },
  });

  /**
   * The other replicas follow the journal, and so does this one after a restart; it has already changed. A journal that is
   * down is told later, if nobody has decided on the stage meanwhile.
   */
  function tell(to: JournalWriter, domain: string, why: string, after?: number | null): void {
    const change = {
      domain,
      stage: 'shadow',
      percent: 100,
      who: `replica ${parts.instance}`,
      reason: `automatic rollback: ${why}`,
      override: false,
      decision: null,
    } as const;
    const seen = versions.get(domain) ?? null;
    to.setStage(after === undefined ? change : { ...change, after }).catch((error: unknown) => {
      if (closed || (error instanceof ShadowError && error.code === 'SHADOW_REFUSED')) return;
      log.often('rollback', `flip: the rollback of ${domain} is not in the journal yet: ${messageOf(error)}`);
      const timer = setTimeout(() => {
        untold.delete(timer);
        tell(to, domain, why, after === undefined ? seen : after);
      }, AGAIN_MS);
      timer.unref();
      untold.add(timer);
    });
  }

  return {
    guard,
    hooks: {
      onServed({ route, side, fellBack, headersMs, error }) {
        if (side === 'twin' || fellBack)
          guard.served({ domain: route.domain, failed: fellBack || error !== null, headersMs });
      },
      onWrite: (caller, at) => guard.wrote(caller, at),
    },
    followed({ stages }) {
      for (const { domain, version } of stages) {
        const known = versions.get(domain);
        if (known !== undefined && known !== version) guard.renew(domain);
        versions.set(domain, version);
      }
      policy.stages(Object.fromEntries(stages.map(({ domain, stage, percent }) => [domain, { stage, percent }])));
    },
    close() {
      closed = true;
      for (const timer of untold) clearTimeout(timer);
      untold.clear();
    },
  };
}
