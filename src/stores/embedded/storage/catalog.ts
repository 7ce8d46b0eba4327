import { MongoError, notSupported } from '../mongo-error.ts';
import type { ChangeLog } from '../replica/change-log.ts';
import { Collection, type Note } from './collection.ts';

/** All databases and their collections. A database is there while it has a collection. */
export class Catalog {
  readonly databases = new Map<string, Map<string, Collection>>();
  /** Where every change is written down, on a replica set. */
  readonly #log: ChangeLog | undefined;

  constructor(log?: ChangeLog) {
    this.#log = log;
  }

  find(database: string, name: string): Collection | undefined {
    return this.databases.get(database)?.get(name);
  }

  /** The collection, made where it is not there: as a first write does. */
  ensure(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name);
  }

  create(database: string, name: string): Collection {
    checkDatabase(database);
    checkCollection(database, name);
    let collections = this.databases.get(database);
    if (collections === undefined) {
      collections = new Map();
      this.databases.set(database, collections);
    }
    const log = this.#log;
    const note: Note | undefined = log && ((id, change) => log.record({ database, collection: name, id, change }));
    const made = new Collection(`${database}.${name}`, note);
    collections.set(name, made);
    return made;
  }

  drop(database: string, name: string): boolean {
    const collections = this.databases.get(database);
    const dropped = collections?.get(name);
    if (collections === undefined || dropped === undefined) return false;
    for (const record of dropped.records.values()) record.gone = true;
    collections.delete(name);
    if (collections.size === 0) this.databases.delete(database);
    this.#log?.record({ database, collection: name, id: undefined, change: { kind: 'drop' } });
    return true;
  }

  /** Whether it was there. */
  dropDatabase(database: string): boolean {
    const names = [...(this.databases.get(database)?.keys() ?? [])];
    if (names.length === 0) return false;
    for (const name of names) this.drop(database, name);
    this.#log?.record({ database, collection: '', id: undefined, change: { kind: 'dropDatabase' } });
    return true;
  }
}

function checkDatabase(name: string): void {
  if (name === '' || name.length > 63 || /[/\\. "$\0]/.test(name)) {
    throw new MongoError('InvalidNamespace', `Invalid database name: '${name}'`);
  }
}

/** Fails where MongoDB lets no client write: a name that cannot be one, and the system's own collections. */
export function checkWritable(database: string, name: string): void {
  if (name === 'system.js' || name === 'system.views' || name.startsWith('system.buckets.'))
    throw notSupported(`the collection ${name}`);
  checkDatabase(database);
  checkCollection(database, name);
}

function checkCollection(database: string, name: string): void {
  if (name === '' || name.startsWith('.') || name.includes('$') || name.includes('\0') || name.startsWith('system.')) {
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${database}.${name}'`);
  }
}
