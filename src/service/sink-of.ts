/** The sink of a config; it runs instead of the proxy. */
import type { Certificate } from '../base/certificate.ts';
import type { Faults } from '../base/faults.ts';
import type { Config } from '../config.ts';
import { LoopClaims } from '../proxy/loop-claims.ts';
import type { ProxyServer } from '../proxy/proxy.ts';
import { traceOf } from '../proxy/trace-context.ts';
import { createSink } from '../traffic/sink/sink.ts';
import type { ReadGate, Route } from '../types.ts';
import { openPrimaryClient, primaryChanges } from './primary-client.ts';
import type { Secrets } from './secrets.ts';

export type FrontKind = 'proxy' | 'sink';

/** What brings reads in: the proxy or the sink. */
export type Front = Pick<ProxyServer, 'listen' | 'close' | 'renew' | 'loops' | 'endedBy' | 'inFlight'>;

export interface SinkParts {
  readonly config: Config;
  readonly secrets: Secrets;
  /** Null: the gateway speaks plain HTTP. */
  readonly certificate: Certificate | null;
  readonly primaryUrl: string;
  readonly gate: ReadGate;
  readonly match: (method: string, target: string) => Route | null;
  readonly faults: Faults;
}

export function sinkOf({ config, secrets, certificate, primaryUrl, gate, match, faults }: SinkParts): Front {
  const { perSecond, share, concurrency, targetFields, methodFields, hostFields, hostSuffix } = config.sink;
  const primary = openPrimaryClient(config, {
    url: primaryUrl,
    connections: concurrency,
    changes: primaryChanges(config),
    loopSecret: secrets.loopSecret,
  });
  const claims = new LoopClaims({ trust: config.loop.trust, secret: secrets.loopSecret, key: secrets.redactionKey });
  const sink = createSink({
    gate,
    fetchPrimary: primary.fetch,
    match,
    traceOf,
    restore: {
      targetFields: targetFields.map((name) => name.toLowerCase()),
      methodFields: methodFields.map((name) => name.toLowerCase()),
      hostFields: hostFields.map((name) => name.toLowerCase()),
      hostSuffix,
    },
    perSecond,
    share,
    concurrency,
    bodyBytes: config.limits.bodyBytes,
    certificate,
    sides: [['primary', primaryUrl], ...(config.twin.url === undefined ? [] : [['twin', config.twin.url] as const])],
    // Every copy comes from the gateway, so its address proves nothing. If the claim were not believed, a gateway that
    // mirrors our own requests would make an endless loop.
    onLoop: (address, caller) => claims.count(address, caller, true),
    onFault: faults.record,
  });
  return {
    listen: sink.listen,
    renew: sink.renew,
    loops: () => claims.figures(),
    // Each copy is answered at once.
    inFlight: 0,
    // The sink is in no client's way.
    endedBy: () => false,
    async close(how) {
      await sink.close(how);
      await primary.close();
    },
  };
}
