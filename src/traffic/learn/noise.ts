/** The primary, asked twice. */
import { strictEqual } from '../../rules/engine/strict.ts';
import { isArray, isObject, type JsonArray, own } from '../../rules/exact-number.ts';
import type { JsonValue } from '../../types.ts';
import { isExtendedScalar } from './forms.ts';
import type { Looking } from './observation.ts';
import { type PathNode, VERSION_KEY } from './path-node.ts';

type Json = JsonValue | undefined;

/** Where the primary, asked twice, does not agree with itself. */
export function lookForNoise(node: PathNode, first: Json, second: Json, { observation }: Looking): void {
  const walk = (here: PathNode, a: Json, b: Json): void => {
    if (isObject(a) && isObject(b) && !isExtendedScalar(a) && here.values === null) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (key !== VERSION_KEY) walk(here.child(key), own(a, key), own(b, key));
      }
    } else if (isArray(a) && isArray(b) && a.length === b.length && !haveMoved(a, b)) {
      a.forEach((item, i) => {
        walk(here.item(), item, b[i]);
      });
    } else {
      const same = strictEqual(a, b);
      observation.later(() => {
        here.readTwice += 1;
        if (!same) here.noise += 1;
      });
    }
  };
  walk(node, first, second);
}

/** The same items at other places: the order is noise, and they are not. */
function haveMoved(a: JsonArray, b: JsonArray): boolean {
  if (strictEqual(a, b)) return false;
  const [first, second] = [a, b].map((items) => items.map((item) => JSON.stringify(item)).sort());
  return first?.every((text, i) => text === second?.[i]) ?? false;
}
