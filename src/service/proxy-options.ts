/** What the config says of the way to the primary, for whatever passes its answers on to clients. */
import { changerOf } from '../base/header-changes.ts';
import { tlsOptionsOf } from '../base/tls-trust.ts';
import type { Config } from '../config.ts';
import type { ProxyOptions } from '../proxy/options.ts';
import { trustOf } from './trust.ts';

type Way = Pick<
  ProxyOptions,
  'primary' | 'changeOrigin' | 'primaryFields' | 'shortWay' | 'tls' | 'timeouts' | 'limits'
>;

/** @throws ShadowError SHADOW_CONFIG for an authority's file that cannot be used. */
export function proxyOptionsOf(config: Config, primaryUrl: string): Way {
  const { primary, flip } = config;
  return {
    primary: primaryUrl,
    changeOrigin: primary.changeOrigin,
    primaryFields: changerOf(primary.headers, primaryUrl),
    shortWay: primary.shortWay,
    tls: {
      primary: tlsOptionsOf(trustOf('primary', config)),
      twin: tlsOptionsOf(trustOf('twin', config)),
    },
    timeouts: { connectMs: primary.connectTimeoutMs, silentMs: primary.timeoutMs },
    limits: { sockets: primary.maxSockets, heldTwinBytes: flip.heldBytes },
  };
}
