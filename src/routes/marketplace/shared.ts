/** What several marketplace answers show of a joined row. A left join that found nothing is a populated null. */
import { explicitNull, id, type TwinValue } from '../../amanat/twin/values.ts';

export interface CategoryColumns {
  category_id: string | null;
  category_mongo_id: string | null;
  category_slug: string | null;
  category_name: string | null;
}

export interface PersonColumns {
  person_id: string | null;
  person_mongo_id: string | null;
  person_name: string | null;
}

export function inCategory(row: CategoryColumns): TwinValue {
  if (row.category_id === null || row.category_mongo_id === null) return explicitNull();
  return { _id: id(row.category_id, row.category_mongo_id), slug: row.category_slug, name: row.category_name };
}

export function person(row: PersonColumns): TwinValue {
  if (row.person_id === null || row.person_mongo_id === null) return explicitNull();
  return { _id: id(row.person_id, row.person_mongo_id), name: row.person_name };
}
