/** What one sum is of: one value for each field that the declaration groups by, as documents and as rows hold it. */
import { BSON, type Document } from 'mongodb';
import type { Sql } from 'postgres';
import { keyColumn, ownColumn } from '../../api/mapping.ts';
import { isObjectId } from '../../api/rows/bson-type.ts';
import { type Stored, valueAt } from '../../api/rows/convert.ts';
import { exactText, keyOf } from '../../api/rows/document-id.ts';
import type { DeclaredSum, GroupField } from '../../api/sums.ts';

/** Values in the order of `by`: of any type, as the documents have them; null where absent. */
export type Group = readonly unknown[];

export const groupOfDocument = ({ by }: DeclaredSum, doc: Stored): Group =>
  by.map(({ path }) => valueAt(doc, path) ?? null);

/** From the texts of a row: the id of the document that a reference leads to, or the text itself. */
export const groupOfRow = ({ by }: DeclaredSum, texts: readonly (string | null)[]): Group =>
  by.map(({ refersTo }, i) => {
    const text = texts[i] ?? null;
    return text === null || refersTo === null ? text : keyOf(text);
  });

/** Values of two types are two values: an account that is text is not the user whose ObjectId has these digits. */
export const groupKey = (group: Group): string =>
  JSON.stringify(group.map((value) => (typeof value === 'string' ? `"${value}"` : exactText(value))));

/** By path, as people read it. */
export function groupWords({ by }: DeclaredSum, group: Group): Readonly<Record<string, string>> {
  const words = (value: unknown): string => {
    if (value === null) return '(none)';
    return typeof value === 'string' || isObjectId(value) ? String(value) : BSON.EJSON.stringify(value);
  };
  return Object.fromEntries(by.map(({ path }, i) => [path, words(group[i] ?? null)]));
}

/** Finds the documents of the group, and those where one of the fields is an array that holds the value. */
export const documentsOf = ({ by }: DeclaredSum, group: Group): Document =>
  // Null finds what is absent too.
  Object.fromEntries(by.map(({ path }, i) => [path, { $eq: group[i] ?? null }]));

/** The texts that `groupOfRow` reads; rows are `e`, and each reference has a join of `joins`. */
export function columnsOf(sql: Sql, { by }: DeclaredSum) {
  const [first, ...others] = by.map((field, i) => sql`${columnOf(sql, field, i)}::text`);
  return others.reduce((list, column) => sql`${list}, ${column}`, first ?? sql`''`);
}

export function joins(sql: Sql, { by }: DeclaredSum) {
  return by.reduce((list, { column, refersTo }, i) => {
    if (refersTo === null) return list;
    const other = sql(joined(i));
    return sql`${list} left join ${sql(refersTo.table)} ${other} on ${other}.${sql(ownColumn(refersTo))} = e.${sql(column)}`;
  }, sql``);
}

/** A condition in SQL: the row is of the group; null where no row can be. */
export function rowsOf(sql: Sql, { by }: DeclaredSum, group: Group) {
  const texts = by.map(({ refersTo }, i) => rowText(group[i] ?? null, refersTo !== null));
  return by.reduce<ReturnType<typeof equals> | null>((all, field, i) => {
    const text = texts[i];
    return all === null || text === undefined ? null : sql`${all} and ${equals(sql, columnOf(sql, field, i), text)}`;
  }, sql`true`);
}

const equals = (sql: Sql, column: ReturnType<typeof columnOf>, text: string | null) =>
  text === null ? sql`${column} is null` : sql`${column} = ${text}`;

/** What a row holds in place of the value; undefined where it cannot hold it. */
function rowText(value: unknown, isReference: boolean): string | null | undefined {
  if (value === null) return null;
  if (isReference) return exactText(value);
  return typeof value === 'string' && !value.includes('\0') ? value : undefined;
}

function columnOf(sql: Sql, { column, refersTo }: GroupField, i: number) {
  // A column of text in somebody else's table may be of a type of their own, which a text cannot be compared with.
  return refersTo === null ? sql`e.${sql(column)}::text` : sql`${sql(joined(i))}.${sql(keyColumn(refersTo))}`;
}

const joined = (i: number): string => `to_${i}`;
