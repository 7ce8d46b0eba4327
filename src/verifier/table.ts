/** The route table as the verifier needs it: every route with its compiled comparator. */
import { autoEntry } from '../api/auto-routes.ts';
import type { RouteEntry } from '../api/route.ts';
import { type TwinPaths, twinPathsOf } from '../api/twin-path.ts';
import { rulesDigest } from '../rules/digest.ts';
import type { Route, Side } from '../types.ts';
import type { ReadAnswer } from './answers.ts';
import { type CompiledRoute, compileRoute } from './engine.ts';

export interface VerifiedRoute extends CompiledRoute {
  readonly entry: RouteEntry;
}

/** Where each side is asked: its origin, and how the twin's paths differ. */
export interface Origins {
  readonly primary: string;
  readonly twin: string;
  /** Null, and left out, where both have the same paths. */
  readonly twinPaths?: TwinPaths | null;
  /** Further origins that are the side itself in URLs. */
  readonly further?: Readonly<Record<Side, readonly string[]>>;
}

export function originsOf(
  primaryUrl: string,
  twinUrl: string,
  routes: readonly Route[],
  further?: Origins['further'],
): Origins {
  const [primary, twin] = [new URL(primaryUrl).origin, new URL(twinUrl).origin];
  return Object.freeze({
    primary,
    twin,
    twinPaths: twinPathsOf(routes, twinUrl),
    ...(further === undefined ? {} : { further }),
  });
}

export type RouteTable = ReadonlyMap<string, VerifiedRoute>;

/** A table that makes an entry for each route that was found by its path, when the first read of it comes. */
export class AutoTable extends Map<string, VerifiedRoute> {
  readonly #origins: Origins;

  constructor(table: RouteTable, origins: Origins) {
    super(table);
    this.#origins = origins;
  }

  override get(key: string): VerifiedRoute | undefined {
    const known = super.get(key);
    if (known !== undefined) return known;
    const entry = autoEntry(key);
    if (entry === null) return undefined;
    const made = routeOf(entry, this.#origins);
    this.set(key, made);
    return made;
  }
}

export function tableOf(entries: readonly RouteEntry[], origins: Origins): RouteTable {
  return new Map(entries.map((entry) => [entry.key, routeOf(entry, origins)]));
}

/**
 * Compiled when its first read comes: each worker has the whole table, and most tables have more routes than are read. What
 * is wrong with rules was told before, where the API was loaded.
 */
function routeOf(entry: RouteEntry, origins: Origins): VerifiedRoute {
  let made: CompiledRoute | null = null;
  const compiled = (): CompiledRoute => {
    made ??= compileRoute(entry.comparator, origins);
    return made;
  };
  return Object.freeze({
    entry,
    digest: rulesDigest(entry.comparator),
    get form() {
      return compiled().form;
    },
    get remembered() {
      return compiled().remembered;
    },
    meaning: (...given: Parameters<CompiledRoute['meaning']>) => compiled().meaning(...given),
    showing: (status: number) => compiled().showing(status),
    fieldsMeaning: (answer: ReadAnswer) => compiled().fieldsMeaning(answer),
    compare: (...given: Parameters<CompiledRoute['compare']>) => compiled().compare(...given),
  });
}
