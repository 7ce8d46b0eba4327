/** What all pairs of a path share. */
import { CURRENCY_SCALES } from '../../rules/currencies.ts';
import { AGREES, type Agreement, BY_STRICTNESS } from './forms.ts';
import type { PathNode } from './path-node.ts';

/** Of so many pairs one may have been a read that raced a write, and paired ids that do not belong together. */
const RARE = 50;

/** Agreements that rest on values having one partner each. */
const PAIRED: ReadonlySet<Agreement> = new Set(['id', 'url', 'within', 'cursor']);

/** Those that a value which is made anew for each answer may obey by chance, since they allow a distance. */
const NEAR: ReadonlySet<Agreement> = new Set(['rounded', 'halfUnit', 'ratio', 'currency']);

/** The strictest agreement of all pairs; null where there is none. */
export function agreementOf(node: PathNode, fewestIds = 2): Agreement | null {
  const found = BY_STRICTNESS.find((each) => {
    if ((node.agreements & AGREES[each]) === 0) return false;
    if ((PAIRED.has(each) || NEAR.has(each)) && node.isNoise) return false;
    if (each === 'rounded') return isRounded(node);
    if (each === 'currency' || each === 'halfUnit') return node.currencyField !== null;
    if (each === 'cursor') {
      return (node.cursorKeys?.size ?? 0) > 0 && node.replaced * RARE <= node.pairs;
    }
    if (each === 'url' || each === 'within') return node.replaced * RARE <= node.pairs;
    // One partner proves nothing: any two constants are a bijection.
    return each !== 'id' || (node.ids.size >= fewestIds && node.replaced * RARE <= node.pairs);
  });
  return found ?? null;
}

/** Digits that arithmetic leaves behind the rounded ones; fewer may be the cents of an amount that one side lost. */
const TAIL = 3;

function isRounded({ decimals }: PathNode): boolean {
  return decimals !== null && decimals.agreeTo >= decimals.shortest && decimals.longest >= decimals.shortest + TAIL;
}

/** A sibling that holds currencies whose smallest units have room for all decimals that were seen. */
export function currencyOf(parent: PathNode | null, scale: number): string | null {
  const sibling = [...(parent?.children ?? [])].find(
    ([name, child]) => /currency$/i.test(name) && (child.agreements & AGREES.equal) !== 0 && child.texts !== null,
  );
  if (sibling === undefined) return null;
  const [name, { texts }] = sibling;
  const scales = [...(texts ?? [])].map((text) => CURRENCY_SCALES[text]);
  const known = scales.length > 0 && scales.every((each) => each !== undefined && each >= 0);
  return known && Math.max(...scales.map((each) => each ?? 0)) >= scale ? name : null;
}
