/** What the drafting of a route's rules needs to know, and what it tells of paths for which no rule holds. */
import { count } from '../../base/figure-words.ts';
import type { Unexplained } from './drafted.ts';
import type { Agreement } from './forms.ts';
import type { PathNode } from './path-node.ts';
import type { IdSource } from './url-ids.ts';

/** How it is said that an id has no one partner. */
export const SECOND_PARTNER = 'an id with a second partner';

export interface Drafting {
  readonly route: string;
  /** Fewer pairs than this prove nothing: said, not guessed. */
  readonly minimum: number;
  /** The collection of the ids at this node; null where they are of none. */
  readonly spaceOf: (source: IdSource) => string | null;
  /** True where these ids have other partners elsewhere. */
  readonly isDoubtful: (source: IdSource) => boolean;
  readonly unexplained: Unexplained[];
}

export function unexplainedOf(node: PathNode, path: string, type: string, drafting: Drafting): Unexplained {
  const nearly = nearlyHeld(node, drafting.minimum);
  const clashes = [
    ...(nearly === null ? [] : [nearly]),
    ...(node.contradictions > 0 ? [`${SECOND_PARTNER} (${count(node.contradictions)})`] : []),
    ...([...node.urlSlots.values()].some(drafting.isDoubtful) ? ['an id with another partner elsewhere'] : []),
  ];
  return {
    route: drafting.route,
    path: path === '' ? '(whole body)' : path,
    type,
    differs: node.unequal,
    pairs: node.pairs,
    forms: [...clashes, ...[...node.forms].sort((a, b) => b[1] - a[1]).map(([form, n]) => `${form} (${count(n)})`)],
    noise: node.noise > 0,
    tooFew: null,
  };
}

/** Rules that a person writes all the same where the few pairs that break them are the twin's own faults. */
const NEARLY: readonly (readonly [Agreement, rule: string])[] = [
  ['instant', '`instant`'],
  ['decimal', '`{ number: decimal }`'],
  ['id', '`{ ref: … }`'],
  ['url', '`url`'],
  ['within', '`{ text: … }`'],
];

/** At most one of so many pairs breaks it. */
const FEW = 10;

function nearlyHeld(node: PathNode, minimum: number): string | null {
  if (node.isNoise || node.oneSided > 0) return null;
  for (const [agreement, rule] of NEARLY) {
    const held = node.agreed.get(agreement) ?? 0;
    const isPaired = agreement !== 'instant' && agreement !== 'decimal';
    const broken = node.unequal - held + (isPaired ? node.contradictions : 0);
    if (held >= minimum && broken > 0 && broken * FEW <= node.pairs)
      return `${rule} holds but for ${count(broken)} of ${count(node.pairs)}`;
  }
  return null;
}
