import type { Encodable } from '../bson/values.ts';
import { int32, reply } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { Catalog } from '../storage/catalog.ts';
import type { Request, Unreadable } from '../wire/message.ts';
import { aggregate } from './aggregate.ts';
import { COLLECTION_COMMANDS } from './collections.ts';
import type { Command, Reply } from './context.ts';
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
  ['getMore', getMore],
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
  'replSetGetStatus',
]);

/** The server behind the wire: its data and its open cursors. */
export class Engine {
  readonly catalog = new Catalog();
  readonly cursors = new Cursors();

  answer(request: Request | Unreadable, connection: number): Reply {
    if ('error' in request) return errorReply(request.error);
    try {
      return this.#run(request, connection);
    } catch (error) {
      return errorReply(error);
    }
  }

  #run(request: Request, connection: number): Reply {
    const [name = ''] = request.command.keys();
    const command = COMMANDS.get(name);
    const spec = COMMAND_FIELDS.get(name);
    if (command === undefined || spec === undefined) {
      throw KNOWN.has(name)
        ? notSupported(`the command ${name}`)
        : new MongoError('CommandNotFound', `no such command: '${name}'`);
    }
    const { command: given, database, sequences } = request;
    checkCommand({ name, command: given, sequences: new Set(sequences.keys()) }, spec);
    return command({
      catalog: this.catalog,
      cursors: this.cursors,
      database,
      name,
      command: given,
      sequences,
      connection,
    });
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
