import { toNumber, truthy } from '../bson/convert.ts';
import { type Doc, type Encodable, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { typeName } from '../query/types.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { Catalog } from '../storage/catalog.ts';
import type { Cursors } from './cursors.ts';

export type Reply = ReadonlyMap<string, Encodable>;

/** One command as it is being run: its fields are those of the table, each of its type. */
export interface Context {
  readonly catalog: Catalog;
  readonly cursors: Cursors;
  /** Undefined where the server stands alone. */
  readonly replica: ReplicaSet | undefined;
  readonly database: string;
  readonly name: string;
  readonly command: Doc;
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  readonly connection: number;
}

/** What a command does; the table of fields lists what it accepts. */
export type Command = (context: Context) => Reply;

/** The name of the collection, which most commands have as their own value. */
export function collectionName(context: Context): string {
  const value = context.command.get(context.name);
  if (typeof value !== 'string') {
    throw new MongoError('InvalidNamespace', `collection name has invalid type ${typeName(value)}`);
  }
  if (value === '' || value.startsWith('.') || value.includes('\0'))
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${context.database}.${value}'`);
  return value;
}

export function documentOf(context: Context, name: string): Doc | undefined {
  const value = context.command.get(name);
  return isDoc(value) ? value : undefined;
}

export function listOf(context: Context, name: string): readonly Value[] {
  const value = context.command.get(name);
  return Array.isArray(value) ? value : [];
}

/** A number without its fraction. */
export function countOf(context: Context, name: string): number | undefined {
  const number = toNumber(context.command.get(name));
  return number === undefined ? undefined : Number.isNaN(number) ? 0 : Math.trunc(number);
}

/** The batch size that the options of a cursor ask for. */
export function batchSizeOf(context: Context): number | undefined {
  const cursor = documentOf(context, 'cursor');
  return cursor === undefined ? undefined : countOf({ ...context, command: cursor }, 'batchSize');
}

export function flagOf(context: Context, name: string): boolean {
  return truthy(context.command.get(name));
}

export function textOf(context: Context, name: string): string | undefined {
  const value = context.command.get(name);
  return typeof value === 'string' ? value : undefined;
}
