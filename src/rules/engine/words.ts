/** A closed set of words of which the twin has its own: `ACTIVE` is `active`. */
import { canonicalJson, numberText } from '../exact-number.ts';
import type { Word } from '../rule.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { strictEqual } from './strict.ts';

/**
 * `partners`: the twin's word by the text of the primary's. A word that is not among them has to be the same. Textual for
 * CSV, where every word is text.
 */
export function wordsNode(partners: Readonly<Record<string, Word>>, textual: boolean): Node {
  const asPrinted = (word: Word): Word => (textual ? String(word) : word);
  const twinsOf = (value: Json): Json => {
    const key = keyOf(value);
    const partner = key !== null && Object.hasOwn(partners, key) ? partners[key] : undefined;
    return partner === undefined ? value : asPrinted(partner);
  };
  const equal = (primary: Json, twin: Json): boolean => strictEqual(twinsOf(primary), twin);
  return node('enum', {
    // The twin that prints the primary's word has not renamed it.
    plain: Object.entries(partners).every(([word, partner]) => word === partner),
    equal,
    describe(primary, twin, _run, _parent, at, out) {
      if (!equal(primary, twin)) addLeaf(at, 'enum', primary, twin, out);
    },
    meaning: (side, value) => canonicalJson(side === 'primary' ? twinsOf(value) : value),
  });
}

/** The text that a config writes the word with; null for what is no word. */
function keyOf(value: Json): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : numberText(value);
}
