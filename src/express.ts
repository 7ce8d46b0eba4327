/** `shadowread/express`: tap and mirror as middleware, for those who have a proxy or an API in Express already. */

export type { Log } from './base/log.ts';
export type { BreakerState } from './mirror/breaker.ts';
export type { VerifierState } from './mirror/dispatching.ts';
export type { MirrorCounts } from './mirror/mirror.ts';
export type { RunningVerifier } from './mirror/pool.ts';
export type { RouteTally, TallyKey } from './mirror/tally.ts';
export type { Middleware } from './proxy/middleware-tap.ts';
export { type Shadow, type ShadowOptions, startShadow } from './service/middleware.ts';
export type { Limits } from './types.ts';
