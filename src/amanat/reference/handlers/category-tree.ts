/** The category tree by `$graphLookup`: parent links become branches, and a leaf's way up becomes its path. */
import type { Model, PipelineStage } from 'mongoose';
import type { Stored } from '../models/index.ts';

interface CategoryDoc extends Stored {
  readonly _id: unknown;
  readonly slug: string;
  readonly name: string;
  readonly parent?: unknown;
  readonly position: number;
}

interface Branch {
  readonly _id: unknown;
  readonly slug: string;
  readonly name: string;
  readonly position: number;
  readonly children: readonly Branch[];
}

/** A root has no parent, or one that is gone. */
const treeOfRoots: PipelineStage[] = [
  { $lookup: { from: 'categories', localField: 'parent', foreignField: '_id', as: 'above' } },
  { $match: { above: { $size: 0 } } },
  {
    $graphLookup: {
      from: 'categories',
      startWith: '$_id',
      connectFromField: '_id',
      connectToField: 'parent',
      as: 'below',
    },
  },
];

/**
 * The whole forest, nested; siblings by position, then slug, then id. Categories on a cycle have no root and are
 * left out.
 */
export async function categoryTree(categories: Model<Stored>): Promise<readonly Branch[]> {
  const roots = await categories.aggregate<CategoryDoc & { below: CategoryDoc[] }>(treeOfRoots);
  const childrenOf = Map.groupBy(
    roots.flatMap((root) => root.below),
    (child) => String(child.parent),
  );
  const branch = ({ _id, slug, name, position }: CategoryDoc): Branch => ({
    _id,
    slug,
    name,
    position,
    children: (childrenOf.get(String(_id)) ?? []).sort(bySiblingOrder).map(branch),
  });
  return roots.sort(bySiblingOrder).map(branch);
}

/** Root to leaf, or null where no category has the slug. */
export async function categoryPath(categories: Model<Stored>, slug: string): Promise<readonly Stored[] | null> {
  const [leaf] = await categories.aggregate<CategoryDoc & { above: (CategoryDoc & { depth: number })[] }>([
    { $match: { slug } },
    {
      $graphLookup: {
        from: 'categories',
        startWith: '$parent',
        connectFromField: 'parent',
        connectToField: '_id',
        depthField: 'depth',
        as: 'above',
      },
    },
  ]);
  if (leaf === undefined) return null;
  const above = leaf.above.sort((one, other) => Number(other.depth) - Number(one.depth));
  return [...above, leaf].map(({ _id, slug, name }) => ({ _id, slug, name }));
}

/** Slugs as MongoDB sorts strings, by their UTF-8 bytes; JavaScript's `<` would go by UTF-16 units. */
function bySiblingOrder(one: CategoryDoc, other: CategoryDoc): number {
  return (
    one.position - other.position ||
    Buffer.compare(Buffer.from(one.slug), Buffer.from(other.slug)) ||
    (String(one._id) < String(other._id) ? -1 : 1)
  );
}
