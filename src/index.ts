/**
 * `shadowread`: the description of an API in TypeScript. The config names an API module as `routes.table`, and a comparator
 * as the `module` of an entry. The functions of the gate are those that the product itself decides with.
 */
export type { ChildMapping, FieldKind, FieldMapping, ModelMapping } from './api/mapping.ts';
export { type ApiDefinition, type ApiModule, type CallerOf, defineApi } from './api/module.ts';
export {
  cursoring,
  get,
  paging,
  type QueryDeclaration,
  type QueryParam,
  type RouteEntry,
  type RouteSpec,
} from './api/route.ts';
export type { SumDeclaration } from './api/sums.ts';
export { type Config, ConfigError, type ConfigInput, type ConfigMistake, defineConfig } from './config.ts';
export { EXIT, type ExitStatus, ShadowError, type ShadowErrorCode, type ShadowErrorDetail } from './errors.ts';
export { cleanReadsToPass, epochAlpha, upperBound } from './gate/confidence-sequence.ts';
export { decide, type GateSetting, type Unreadable } from './gate/decide.ts';
export type { Bound, Condition, Decision, Outcome, Unit } from './gate/decision.ts';
export type {
  DomainEvidence,
  EpochEvidence,
  FaultsOfDomain,
  FingerprintEvidence,
  JournalHealth,
  LatencyEvidence,
  RouteDeclaration,
  RouteEvidence,
  ShapeEvidence,
  WindowCounts,
} from './gate/evidence.ts';
export type { GateLimits } from './gate/limits.ts';
export {
  aggregateMoney,
  apiError,
  baseUnits,
  bool,
  bytes,
  type ComparatorOptions,
  comparator,
  count,
  csv,
  currency,
  cursor,
  cursorPage,
  custom,
  duration,
  enumOf,
  hidden,
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
  type RefBy,
  ratio,
  record,
  ref,
  secret,
  set,
  shown,
  strict,
  text,
  url,
} from './rules/kit.ts';
export type {
  Comparator,
  CurrencyFrom,
  CustomCompare,
  DurationUnit,
  DurationUnits,
  EpochUnit,
  InstantForms,
  Order,
  Rule,
  Word,
} from './rules/rule.ts';
export type { Difference, DifferenceKind, JsonType, JsonValue, Measure, RawHeaders, Reads } from './types.ts';
