/**
 * The values that travel, in the order of the flow: Exchange -> Pair -> Difference -> Verdict; and the one value that
 * flows back, Policy. All are frozen or never mutated after they are made.
 */

export * from './types/cause.ts';
export * from './types/difference.ts';
export * from './types/exchange.ts';
export * from './types/policy.ts';
export * from './types/read.ts';
export * from './types/verdict.ts';
