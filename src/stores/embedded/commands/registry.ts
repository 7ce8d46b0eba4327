import type { Encodable } from '../bson/values.ts';
import { int32, reply } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import { Catalog } from '../storage/catalog.ts';
import type { Request, Unreadable } from '../wire/message.ts';
import { aggregate } from './aggregate.ts';
import { COLLECTION_COMMANDS } from './collections.ts';
import type { Command, Context, Reply } from './context.ts';
import { Cursors } from './cursors.ts';
import { checkCommand } from './fields/check.ts';
import { COMMAND_FIELDS } from './fields/table.ts';
import { count, distinct, explain, find, getMore, killCursors } from './find.ts';
import { findAndModify } from './find-and-modify.ts';
import { createIndexes, dropIndexes, listIndexes } from './indexes.ts';
import { SERVER_COMMANDS } from './server.ts';
import { STATS_COMMANDS } from './stats.ts';
import { insert, remove, update } from './write.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ...SERVER_COMMANDS,
  ...COLLECTION_COMMANDS,
  ...STATS_COMMANDS,
  ['insert', insert],
  ['find', find],
  ['killCursors', killCursors],
  ['update', update],
  ['delete', remove],
  ['findAndModify', findAndModify],
  ['findandmodify', findAndModify],
  ['aggregate', aggregate],
  ['count', count],
  ['distinct', distinct],
  ['explain', explain],
  ['createIndexes', createIndexes],
  ['listIndexes', listIndexes],
  ['dropIndexes', dropIndexes],
]);

/** Commands of MongoDB that are refused as not supported; any other name is not a command at all. */
const KNOWN = new Set([
  'bulkWrite',
  'collMod',
  'mapReduce',
  'renameCollection',
  'validate',
  'currentOp',
  'killSessions',
  'serverStatus',
  'top',
  'fsync',
  'compact',
  'hostInfo',
  'getLog',
  'getCmdLineOpts',
  'setParameter',
  'replSetGetConfig',
  'replSetGetStatus',
  'replSetInitiate',
  'replSetReconfig',
  'replSetStepDown',
]);

/** The server behind the wire: its data and its open cursors. */
export class Engine {
  readonly catalog: Catalog;
  readonly cursors = new Cursors();
  readonly #replica: ReplicaSet | undefined;

  /** Alone, or as the only member of a replica set. */
  constructor(replica?: ReplicaSet) {
    this.#replica = replica;
    this.catalog = new Catalog(replica?.log);
  }

  answer(request: Request | Unreadable, connection: number): Reply | Promise<Reply> {
    if ('error' in request) return this.#timed(errorReply(request.error));
    try {
      const reply = this.#run(request, connection);
      if (!(reply instanceof Promise)) return this.#timed(reply);
      return reply.catch(errorReply).then((one) => this.#timed(one));
    } catch (error) {
      return this.#timed(errorReply(error));
    }
  }

  /** A client that is gone waits for nothing. */
  disconnected(connection: number): void {
    this.cursors.disconnected(connection);
  }

  #timed(reply: Reply): Reply {
    if (this.#replica === undefined) return reply;
    return new Map([...reply, ...Object.entries(this.#replica.times())]);
  }

  #run(request: Request, connection: number): Reply | Promise<Reply> {
    const [name = ''] = request.command.keys();
    const command = COMMANDS.get(name);
    const spec = COMMAND_FIELDS.get(name);
    if (spec === undefined || (command === undefined && name !== 'getMore')) {
      throw KNOWN.has(name)
        ? notSupported(`the command ${name}`)
        : new MongoError('CommandNotFound', `no such command: '${name}'`);
    }
    const { command: given, database, sequences } = request;
    const replica = this.#replica;
    // There MongoDB shows its own log, which has another form here.
    if (replica !== undefined && database === 'local') throw notSupported('the database local of a replica set');
    checkCommand(
      { name, command: given, sequences: new Set(sequences.keys()), replicated: replica !== undefined },
      spec,
    );
    const { catalog, cursors } = this;
    const context: Context = { catalog, cursors, replica, database, name, command: given, sequences, connection };
    if (command === undefined) return getMore(context);
    return replica === undefined ? command(context) : replica.retries.once(context, () => command(context));
  }
}

function errorReply(error: unknown): Reply {
  const known =
    error instanceof MongoError
      ? error
      : new MongoError('InternalError', error instanceof Error ? error.message : String(error));
  if (known !== error) console.error(error);
  const fields = new Map<string, Encodable>();
  for (const [name, value] of known.extra) fields.set(name, value);
  return reply({
    ok: 0,
    errmsg: known.message,
    code: int32(known.code),
    codeName: known.codeName,
    ...Object.fromEntries(fields),
  });
}
