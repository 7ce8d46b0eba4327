/**
 * Arrays of Postgres' own types for the driver. It would otherwise ask the server for them with each new connection, in a
 * query that nobody waits for: that costs a round trip, and where the query fails, arrays are written wrongly from then on.
 */
import type { PostgresType } from 'postgres';

type Read = (text: string) => unknown;
type Write = (element: unknown) => string;

const asText: Read = (text) => text;
const asDate: Read = instantOf;
const asJson: Read = (text) => JSON.parse(text);
/** Hexadecimal, as a server writes it by default: `\x0aff`. */
const asBytes: Read = (text) => Buffer.from(text.slice(2), 'hex');

/**
 * `0001-01-01 00:00:00+00` as Postgres writes it. Only with a `T` and minutes in its zone is it a form that the language
 * defines: read otherwise, the years before 100 become 1950 to 2049.
 */
export function instantOf(text: string): Date {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d)?)?$/.exec(text);
  if (parts === null) return new Date(text);
  const [, day, time, zone] = parts;
  return new Date(`${day}T${time}${zone === undefined || zone.length > 3 ? (zone ?? '') : `${zone}:00`}`);
}

/** The OID of each array type, and how the driver reads and writes an element of it: `src/include/catalog/pg_type.dat` of Postgres. */
const ARRAYS: Readonly<Record<string, { readonly oid: number; readonly read: Read; readonly write?: Write }>> = {
  bool: { oid: 1000, read: (text) => text === 't' },
  bytea: { oid: 1001, read: asBytes },
  char: { oid: 1002, read: asText },
  name: { oid: 1003, read: asText },
  int2: { oid: 1005, read: Number },
  int4: { oid: 1007, read: Number },
  text: { oid: 1009, read: asText },
  bpchar: { oid: 1014, read: asText },
  varchar: { oid: 1015, read: asText },
  float4: { oid: 1021, read: Number },
  float8: { oid: 1022, read: Number },
  oid: { oid: 1028, read: Number },
  timestamp: { oid: 1115, read: asDate },
  date: { oid: 1182, read: asDate },
  time: { oid: 1183, read: asText },
  timestamptz: { oid: 1185, read: asDate },
  interval: { oid: 1187, read: asText },
  numeric: { oid: 1231, read: asText },
  json: { oid: 199, read: asJson, write: JSON.stringify },
  uuid: { oid: 2951, read: asText },
  jsonb: { oid: 3807, read: asJson, write: JSON.stringify },
};
const INT8_ARRAY = 1016;

/** Types for the driver's option `types`. An int8 is read as `readInt8` says. */
export function arrayTypes(readInt8: Read = asText): Record<string, PostgresType> {
  const all: typeof ARRAYS = { ...ARRAYS, int8: { oid: INT8_ARRAY, read: readInt8 } };
  return Object.fromEntries(
    Object.entries(all).map(([name, { oid, read, write = plainText }]) => [
      `${name}Array`,
      {
        to: oid,
        from: [oid],
        serialize: (value: unknown) => arrayText(value, write),
        parse: (text: string) => elementsOf(text, read),
      },
    ]),
  );
}

/** `{"a","b",null}`; what is no list is a literal already. */
function arrayText(value: unknown, write: Write): unknown {
  return Array.isArray(value) ? `{${value.map((element) => elementText(element, write)).join(',')}}` : value;
}

function elementText(element: unknown, write: Write): string {
  if (element === null) return 'null';
  if (Array.isArray(element)) return `{${element.map((each) => elementText(each, write)).join(',')}}`;
  return `"${write(element).replace(/[\\"]/g, '\\$&')}"`;
}

function plainText(element: unknown): string {
  if (element instanceof Date) return element.toISOString();
  if (element instanceof Uint8Array) return `\\x${Buffer.from(element).toString('hex')}`;
  return typeof element === 'object' ? JSON.stringify(element) : String(element);
}

/** Elements of an array as Postgres writes it: `{1,NULL,"a \"b\""}`, nested for more dimensions, `[2:3]={...}` for other bounds. */
function elementsOf(text: string, read: Read): unknown[] {
  const token = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)|[,{}]/gs;
  token.lastIndex = text.indexOf('{');
  const list = (): unknown[] => {
    const found: unknown[] = [];
    for (let next = token.exec(text); next !== null; next = token.exec(text)) {
      const [whole, quoted, plain] = next;
      if (whole === '}') return found;
      if (whole === '{') found.push(list());
      else if (quoted !== undefined) found.push(read(quoted.replace(/\\(.)/gs, '$1')));
      else if (plain !== undefined) found.push(plain === 'NULL' ? null : read(plain));
    }
    return found;
  };
  const [whole] = list();
  return Array.isArray(whole) ? whole : [];
}
