/**
 * The guard of flipped domains between the proxy, the verdicts and the journal. The replica decides; the journal is
 * only told.
 */

import { callerKeyOf } from '../base/caller.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
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
}

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
  const guard = createFlipGuard({
    limits: parts.config.flip,
    stageOf: (domain) => policy.current().domains[domain],
    callerOf: callerKeyOf,
    lagMs: parts.lagMs,
    onRollback(domain, why) {
      log.warn(`flip: ${domain} is served by the primary again: ${why}`);
      // The other replicas follow the journal; this one has already changed.
      writer
        ?.setStage({
          domain,
          stage: 'shadow',
          percent: 100,
          who: `replica ${parts.instance}`,
          reason: `automatic rollback: ${why}`,
          override: false,
          decision: null,
        })
        .catch((error: unknown) =>
          log.often('rollback', `flip: the rollback of ${domain} is not in the journal yet: ${messageOf(error)}`),
        );
    },
  });
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
  };
}
