/** The fields that a request sorts by, in the forms that APIs have for it; the direction does not matter for ties. */

/**
 * Of one or several parameters (with commas between their names): `-price,name`, `price:desc`, `price desc`,
 * `{"price":-1}`, `[["price","asc"]]`, and `sort[price]=1`, `sort[0]=price`, `sort[0][field]=price`.
 */
export function sortKeysIn(query: ReadonlyMap<string, string>, params: string): string[] {
  return params.split(',').flatMap((param) => {
    const name = param.trim();
    const plain = query.get(name);
    return [...(plain === undefined ? [] : keysIn(plain)), ...bracketed(query, name)];
  });
}

/** A key without what says its direction. */
export function fieldName(key: string): string {
  return key
    .trim()
    .replace(/^[-+!]/, '')
    .replace(DIRECTION_AFTER, '');
}

const DIRECTION_AFTER = /[:|.\s](asc|desc|ascending|descending|-?1)([:.\s]nulls(first|last))?$/i;
const DIRECTION = /^(asc|desc|ascending|descending|[-+]?1)$/i;

function keysIn(text: string): string[] {
  const written = text.trim();
  if (written.startsWith('{') || written.startsWith('[')) {
    const parsed = jsonKeys(written);
    if (parsed !== null) return parsed;
  }
  const keys: string[] = [];
  for (const part of written.split(/[,;]/)) {
    // `price desc` is one key with its direction; `price name` are two.
    for (const word of part.split(/\s+/)) {
      if (word !== '' && !(DIRECTION.test(word) && keys.length > 0)) keys.push(fieldName(word));
    }
  }
  return keys;
}

function jsonKeys(text: string): string[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  return keysOfValue(parsed);
}

/** `{ price: -1 }`, `['-price']`, `[['price', 'asc']]`, `[{ field: 'price', order: 'asc' }]`. */
function keysOfValue(value: unknown): string[] {
  if (Array.isArray(value)) {
    const [first, second] = value;
    const isPair = value.length === 2 && typeof first === 'string' && DIRECTION.test(String(second));
    return isPair
      ? [fieldName(first)]
      : value.flatMap((each) => (typeof each === 'string' ? keysIn(each) : keysOfValue(each)));
  }
  if (typeof value !== 'object' || value === null) return [];
  const named = Object.entries(value).find(([key, inner]) => FIELD_KEYS.has(key) && typeof inner === 'string');
  return named === undefined ? Object.keys(value).map(fieldName) : [fieldName(String(named[1]))];
}

/** Names under which a parameter of several parts keeps the field. */
const FIELD_KEYS: ReadonlySet<string> = new Set([
  'field',
  'key',
  'by',
  'column',
  'property',
  'selector',
  'colId',
  'attribute',
]);

function bracketed(query: ReadonlyMap<string, string>, param: string): string[] {
  const keys: string[] = [];
  for (const [name, value] of query) {
    if (!name.startsWith(`${param}[`) || !name.endsWith(']')) continue;
    const parts = name.slice(param.length + 1, -1).split('][');
    const [first = '', second] = parts;
    const isPlace = first === '' || /^\d+$/.test(first);
    if (!isPlace) keys.push(parts.map((part) => fieldName(part)).join('.'));
    else if (second === undefined) keys.push(...keysIn(value));
    else if (FIELD_KEYS.has(second)) keys.push(fieldName(value));
  }
  return keys;
}
