/**
 * The one value that flows back. Three sources make it: the config (at start and on reload), the journal (stages,
 * shared controls), and the switch of this process (SIGUSR2), which needs neither journal nor token.
 */
import type { Config } from '../config.ts';
import { ShadowError } from '../errors.ts';
import type { ControlPatch, DomainPolicy, Policy, Route, RoutePolicy } from '../types.ts';

export interface PolicyHolder {
  current(): Policy;
  /** A reloaded config: sampling and limits follow it, run-time controls stay on top. */
  configure(config: Config): void;
  /** @throws ShadowError SHADOW_ROUTE or SHADOW_DOMAIN for a name that is not in the table. */
  control(patch: ControlPatch): void;
  /** Stages as the journal has them; domains it does not name keep the config's. */
  stages(stages: Readonly<Record<string, DomainPolicy>>): void;
  /** How much the gate still lacks evidence, 0..1 by route key. */
  priorities(priorities: Readonly<Record<string, number>>): void;
  /** SIGUSR2: off, and on again at the next, or as it is said. Returns whether shadowing is on. */
  toggle(off?: boolean): boolean;
  subscribe(listener: (policy: Policy) => void): () => void;
}

/** `more`: domains whose routes are not known yet. */
export function createPolicy(config: Config, routes: readonly Route[], more: readonly string[] = []): PolicyHolder {
  const keys = new Set(routes.map((route) => route.key));
  const domains = new Set([...routes.map((route) => route.domain), ...more]);
  const listeners = new Set<(policy: Policy) => void>();
  let version = 0;
  let settings = config;
  let switchedOff = false;
  let control: ControlPatch = {};
  let stages: Readonly<Record<string, DomainPolicy>> = {};
  let priorities: Readonly<Record<string, number>> = {};
  let policy = build();

  function build(): Policy {
    version += 1;
    const byDomain: Record<string, DomainPolicy> = {};
    for (const domain of domains) {
      const configured = settings.domains[domain]?.stage ?? 'shadow';
      const set = Object.hasOwn(stages, domain) ? stages[domain] : undefined;
      byDomain[domain] = set ?? { stage: configured, percent: 100 };
    }
    const byRoute: Record<string, RoutePolicy> = {};
    for (const { key, domain } of routes) {
      const override = settings.routes.overrides[key];
      const live = control.routes?.[key];
      byRoute[key] = Object.freeze({
        paused: (live?.paused ?? override?.paused ?? false) || (control.domains?.[domain]?.paused ?? false),
        sample: live?.sample ?? override?.sample ?? settings.shadow.sample,
        sampleBy: live?.sampleBy ?? override?.sampleBy ?? settings.shadow.sampleBy,
        priority: priorities[key] ?? 0,
      });
    }
    return Object.freeze({
      version,
      shadowing: !switchedOff && (control.shadowing ?? settings.shadow.enabled) && settings.twin.url !== undefined,
      domains: Object.freeze(byDomain),
      routes: Object.freeze(byRoute),
      limits: Object.freeze({
        heldBytes: settings.limits.heldBytes,
        bodyBytes: settings.limits.bodyBytes,
        queue: settings.limits.queue,
        waitMs: settings.limits.waitMs,
        twinConcurrency: settings.twin.concurrency,
        twinPerSecond: settings.twin.perSecond,
        twinTimeoutMs: settings.twin.timeoutMs,
        journalBuffer: settings.limits.journalBuffer,
        recheckPerSecond: settings.limits.recheckPerSecond,
      }),
    });
  }

  function publish(): void {
    policy = build();
    for (const listener of listeners) listener(policy);
  }

  return {
    current: () => policy,
    configure(next) {
      settings = next;
      publish();
    },
    control(patch) {
      for (const key of Object.keys(patch.routes ?? {})) requireKnown('SHADOW_ROUTE', 'route', key, keys);
      for (const domain of Object.keys(patch.domains ?? {})) requireKnown('SHADOW_DOMAIN', 'domain', domain, domains);
      control = mergedControl(control, patch);
      publish();
    },
    stages(next) {
      if (JSON.stringify(next) === JSON.stringify(stages)) return;
      stages = next;
      publish();
    },
    priorities(next) {
      priorities = next;
      publish();
    },
    toggle(off = !switchedOff) {
      switchedOff = off;
      publish();
      return policy.shadowing;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Both as one; of what both say the later counts. */
export function mergedControl(control: ControlPatch, patch: ControlPatch): ControlPatch {
  const routes: Record<string, NonNullable<ControlPatch['routes']>[string]> = { ...control.routes };
  for (const [key, change] of Object.entries(patch.routes ?? {})) routes[key] = { ...routes[key], ...change };
  return {
    ...control,
    ...(patch.shadowing === undefined ? {} : { shadowing: patch.shadowing }),
    routes,
    domains: { ...control.domains, ...patch.domains },
  };
}

function requireKnown(
  code: 'SHADOW_ROUTE' | 'SHADOW_DOMAIN',
  what: string,
  name: string,
  known: ReadonlySet<string>,
): void {
  if (known.has(name)) return;
  throw new ShadowError(code, `there is no ${what} of this name`, {
    expected: `one of the table's: ${[...known].slice(0, 6).join(', ')}${known.size > 6 ? ', …' : ''}`,
    actual: name,
  });
}
