/** Real pairs from every endpoint: what the primary answered, and the twin in both representations. */

import type { Catalogue } from '../../src/amanat/demo/catalogue.ts';
import type { Random } from '../../src/amanat/demo/random.ts';
import { REQUESTS } from '../../src/amanat/demo/requests.ts';
import type { RouteEntry } from '../../src/api/route.ts';
import type { Representation } from '../../src/types.ts';

export interface Raw {
  readonly status: number;
  /** Names and values alternating. */
  readonly headers: readonly string[];
  readonly text: string;
}

export interface Pair {
  readonly route: RouteEntry;
  readonly target: string;
  readonly caller: string | undefined;
  readonly representation: Representation;
  readonly primary: Raw;
  readonly twin: Raw;
}

export interface Sources {
  readonly reference: string;
  readonly twin: string;
  readonly routes: readonly RouteEntry[];
  readonly catalogue: Catalogue;
}

const BOTH: readonly Representation[] = ['twin', 'primary'];

/** Asks every route `each` times, as the demo's traffic does. Answers over `largest` characters are left to other suites. */
export async function collectPairs(
  sources: Sources,
  random: Random,
  each: number,
  representations = BOTH,
  largest = 60_000,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const route of sources.routes) {
    const asked = new Set<string>();
    for (let turn = 0; turn < each; turn++) {
      const question = REQUESTS[route.key]?.(random, sources.catalogue);
      if (question === undefined) throw new Error(`nobody says how ${route.key} is asked: src/amanat/demo/requests.ts`);
      const key = `${question.target} ${question.caller ?? ''}`;
      if (asked.has(key) && asked.size > 1) continue;
      asked.add(key);
      pairs.push(...(await pairsOf(sources, route, question.target, question.caller, largest, representations)));
    }
  }
  return pairs;
}

export async function pairsOf(
  sources: Pick<Sources, 'reference' | 'twin'>,
  route: RouteEntry,
  target: string,
  caller: string | undefined,
  largest: number,
  representations = BOTH,
): Promise<Pair[]> {
  const headers: Record<string, string> = caller === undefined ? {} : { authorization: `Bearer ${caller}` };
  const [primary, ...twins] = await Promise.all([
    ask(`${sources.reference}${target}`, headers),
    ...representations.map((representation) =>
      ask(
        `${sources.twin}${target}`,
        representation === 'twin' ? headers : { ...headers, 'x-twin-representation': representation },
      ),
    ),
  ]);
  if (primary === undefined || primary.text.length > largest) return [];
  return twins.map((twin, at) => ({
    ...{ route, target, caller, primary, twin },
    representation: representations[at] ?? 'twin',
  }));
}

export async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Raw> {
  // A connection that the server has just closed after a pause is no answer.
  const answer = await fetch(url, { headers }).catch(() => fetch(url, { headers }));
  return { status: answer.status, headers: [...answer.headers].flat(), text: await answer.text() };
}
