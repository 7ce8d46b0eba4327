/**
 * `shadowread`: what an API says of itself, in TypeScript. An API module is named in the config as `routes.table`, a
 * comparator as an entry's `module`; the gate's functions are the ones that the product decides with.
 */
export { type ApiDefinition, type ApiModule, defineApi } from './api/module.ts';
export {
  cursoring,
  get,
  paging,
  type QueryDeclaration,
  type QueryParam,
  type RouteEntry,
  type RouteSpec,
} from './api/route.ts';
export { type Config, ConfigError, type ConfigInput, defineConfig } from './config.ts';
export { EXIT, type ExitStatus, ShadowError, type ShadowErrorCode } from './errors.ts';
export { cleanReadsToPass, epochAlpha, upperBound } from './gate/confidence-sequence.ts';
export { decide, type GateSetting } from './gate/decide.ts';
export type { Condition, Decision, Outcome } from './gate/decision.ts';
export type { DomainEvidence, RouteDeclaration } from './gate/evidence.ts';
export type { GateLimits } from './gate/limits.ts';
export {
  aggregateMoney,
  apiError,
  baseUnits,
  bool,
  bytes,
  comparator,
  csv,
  cursor,
  cursorPage,
  custom,
  ignored,
  instant,
  jsonb,
  list,
  money,
  nullable,
  number,
  object,
  ordered,
  page,
  ratio,
  record,
  ref,
  secret,
  set,
  strict,
  text,
} from './rules/kit.ts';
export type { Comparator, CustomCompare, Order, Rule } from './rules/rule.ts';
