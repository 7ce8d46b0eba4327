/** The category tree: parent keys walked by recursive queries. */

import { notFound, ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { get } from '../../amanat/twin/route.ts';
import { id, type TwinValue } from '../../amanat/twin/values.ts';
import { categoryPath, categoryTree } from '../../comparators/marketplace.ts';

interface CategoryRow {
  id: string;
  mongo_id: string;
  slug: string;
  name: string;
  position: number;
  parent_id: string | null;
}

/**
 * Rows come level by level, each level in sibling order, so that a child is appended to a parent that is there already
 * and after the siblings before it. What hangs on a cycle has no root and never comes.
 */
const tree: TwinHandler = async ({ sql }) => {
  const rows = await sql<CategoryRow[]>`
    with recursive reached as (
      select c.id, c.mongo_id, c.slug, c.name, c.position, c.parent_id, 0 as level
      from categories c where c.parent_id is null
      union all
      select c.id, c.mongo_id, c.slug, c.name, c.position, c.parent_id, r.level + 1
      from categories c join reached r on c.parent_id = r.id
    )
    select * from reached order by level, position, slug collate "C", mongo_id collate "C"`;
  const roots: TwinValue[] = [];
  const childrenOf = new Map<string, TwinValue[]>();
  for (const row of rows) {
    const children: TwinValue[] = [];
    childrenOf.set(row.id, children);
    const siblings = row.parent_id === null ? roots : childrenOf.get(row.parent_id);
    siblings?.push({
      _id: id(row.id, row.mongo_id),
      slug: row.slug,
      name: row.name,
      position: row.position,
      children,
    });
  }
  return ok({ data: roots });
};

const path: TwinHandler = async ({ sql, params }) => {
  const rows = await sql<CategoryRow[]>`
    with recursive way as (
      select c.id, c.mongo_id, c.slug, c.name, c.position, c.parent_id, 0 as steps
      from categories c where c.slug = ${params.slug ?? null}
      union all
      select c.id, c.mongo_id, c.slug, c.name, c.position, c.parent_id, w.steps + 1
      from categories c join way w on c.id = w.parent_id
    ) cycle id set looped using visited
    select * from way where not looped order by steps desc`;
  if (rows.length === 0) throw notFound();
  return ok({ data: rows.map((row) => ({ _id: id(row.id, row.mongo_id), slug: row.slug, name: row.name })) });
};

export const categoryRoutes = [
  get('marketplace', '/api/categories', { fewAnswers: 1, comparator: categoryTree, twin: tree }),
  get('marketplace', '/api/categories/:slug/path', { comparator: categoryPath, twin: path }),
];
