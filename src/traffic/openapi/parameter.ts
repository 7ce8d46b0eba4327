/** A query parameter of an OpenAPI document as the gate knows parameters. */
import { namesLimit, namesPage } from '../../api/parameter-names.ts';
import type { QueryParam } from '../../api/route.ts';
import { SORT_PARAMS } from '../learn/list-order.ts';

interface Written {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export function paramOf({ name, schema }: Written, collection: string): QueryParam {
  const { type, format, enum: values, maximum, default: usual } = schema;
  const texts = Array.isArray(values) ? values.filter((one) => one !== null).map(String) : [];
  const items = schema.items;
  const sortable =
    typeof items === 'object' && items !== null && 'enum' in items && Array.isArray(items.enum)
      ? items.enum.map(String)
      : texts;
  if (SORT_PARAMS.includes(name) && sortable.length > 0) {
    const fields = [...new Set(sortable.map((text) => text.replace(/^[-+]/, '')))];
    return { param: 'sort', fields, default: typeof usual === 'string' ? usual : '' };
  }
  if (texts.length > 0) return { param: 'oneOf', values: texts };
  if (type === 'boolean') return { param: 'bool' };
  if (type === 'integer' && namesPage(name)) return { param: 'page' };
  if (type === 'integer' && namesLimit(name)) {
    return {
      param: 'limit',
      max: typeof maximum === 'number' ? maximum : 100,
      default: typeof usual === 'number' ? usual : 20,
    };
  }
  if (type === 'integer' || type === 'number') return { param: 'decimal' };
  if (format === 'date-time' || format === 'date') return { param: 'instant' };
  if (format === 'uuid') return { param: 'id', collection };
  if (/cursor|^(after|before|starting_after|ending_before)$/i.test(name))
    return { param: 'cursor', key: 'text', collection };
  return { param: 'text' };
}
