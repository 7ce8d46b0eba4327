/** Categories: trees up to ten levels deep, siblings of one position, slugs of many scripts, and a parent that is gone. */
import type { SeedContext, SeedDocument } from './context.ts';

/** Categories 0 to 9 are one chain: the deepest path. */
export const DEEPEST = 10;
/** This one's parent was deleted. */
const ORPHAN = 15;
/** This one was moved under a category that was made after it. */
const MOVED = 16;
const MOVED_UNDER = 20;

/** Slugs that a path has to carry percent-encoded; two of them look the same and differ in their Unicode form. */
const SLUGS: Readonly<Record<number, string>> = {
  10: 'café',
  11: 'cafe\u0301',
  12: 'گوشی-و-تبلت',
  13: 'книги',
  14: '🎸-gear',
  15: 'ＡＢＣ-fullwidth',
  17: '𝔉raktur',
  18: 'audio/video',
  19: '50%-off',
  21: 'two words',
  22: 'straße',
  23: 'نیم\u200cفاصله',
  24: '\u200fراست-چین',
  25: '手机',
};

const NAMES = [
  'Electronics',
  'گوشی',
  'Книги',
  'Câmera',
  'Caméra',
  '手机 📱',
  'Home & Garden',
  'İşletme',
  'Möbel',
  'پوشاک',
];

export function* categoryForest(context: SeedContext): Iterable<SeedDocument> {
  for (let index = 0; index < context.count('categories'); index += 1) {
    const random = context.random('category', index);
    const parent = parentOf(context, index);
    yield {
      collection: 'categories',
      doc: {
        _id: context.oid('categories', index),
        slug: SLUGS[index] ?? `${random.pick(['c', 'C', 'к', 'ک', 'Ａ', '📦'])}-${index}`,
        name: random.pick(NAMES),
        ...(parent === undefined ? {} : { parent }),
        position: random.int(0, 3),
        createdAt: context.createdAt('categories', index),
        __v: 0,
      },
    };
  }
}

function parentOf(context: SeedContext, index: number): unknown {
  if (index === 0 || (index >= DEEPEST && index < ORPHAN)) return undefined;
  if (index < DEEPEST) return context.oid('categories', index - 1);
  if (index === ORPHAN) return context.gone('categories', index);
  if (index === MOVED) return context.oid('categories', MOVED_UNDER);
  // Never under MOVED, whose parent may be one of these: that would be a cycle. Never under the chain's end either.
  const parent = context.random('category parent', index).int(DEEPEST, index - 1);
  return context.oid('categories', parent === MOVED ? DEEPEST : parent);
}
