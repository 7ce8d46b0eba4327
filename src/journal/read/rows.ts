/** How rows become values: counts as numbers, instants as epoch ms. */
import type postgres from 'postgres';

export type Sql = postgres.ISql;

/** Epoch ms of an instant column selected by `extract(epoch from …) * 1000`; null stays null. */
export const ms = (value: number | null): number | null => (value === null ? null : Math.round(value));

export const iso = (at: number): string => new Date(at).toISOString();
