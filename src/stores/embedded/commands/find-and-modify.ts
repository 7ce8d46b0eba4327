import { decode } from '../bson/decode.ts';
import { encode } from '../bson/encode.ts';
import { type Encodable, int32, Raw, reply } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { compileProjection } from '../query/projection.ts';
import { checkWritable } from '../storage/catalog.ts';
import { type Command, collectionName, documentOf, flagOf, listOf, type Reply } from './context.ts';
import { checkHint, EMPTY, sortOf } from './query.ts';
import { queryFor, updateOf } from './statements.ts';
import { applyTo, matching, upsert } from './write.ts';

export const findAndModify: Command = (context) => {
  const { command } = context;
  const name = collectionName(context);
  checkWritable(context.database, name);
  const filter = documentOf(context, 'query') ?? EMPTY;
  const removes = flagOf(context, 'remove');
  const returnsNew = flagOf(context, 'new');
  if (removes && command.has('update'))
    throw new MongoError('FailedToParse', 'Cannot specify both an update and remove=true');
  if (removes && command.has('arrayFilters'))
    throw new MongoError('FailedToParse', 'Cannot specify arrayFilters and remove=true');
  if (removes && (returnsNew || flagOf(context, 'upsert')))
    throw new MongoError(
      'FailedToParse',
      "Cannot specify new=true or upsert=true with remove=true; 'remove' always returns the deleted document",
    );
  if (!removes && !command.has('update'))
    throw new MongoError('FailedToParse', 'Either an update or remove=true must be specified');
  const collection = context.catalog.find(context.database, name);
  checkHint(collection, command.get('hint'));
  const query = queryFor(context, filter, 1, sortOf(command.get('sort')));
  const fields = documentOf(context, 'fields');
  const project =
    fields === undefined || fields.size === 0 ? undefined : compileProjection(fields, query.variables, filter);
  const projected = (bytes: Buffer, position: number | undefined): Raw =>
    new Raw(project === undefined ? bytes : encode(project(decode(bytes), position)));
  const change = removes ? undefined : updateOf(command.get('update'), listOf(context, 'arrayFilters'), context);
  const [found] = matching(collection, query);
  if (change === undefined) {
    if (found === undefined || collection === undefined) return result(null, { n: int32(0) });
    collection.remove(found.record);
    return result(projected(found.record.bytes, found.position), { n: int32(1) });
  }
  if (found !== undefined) {
    const before = found.record.bytes;
    applyTo(collection, found, change);
    const value = projected(returnsNew ? found.record.bytes : before, found.position);
    return result(value, { n: int32(1), updatedExisting: true });
  }
  if (!flagOf(context, 'upsert')) return result(null, { n: int32(0), updatedExisting: false });
  const record = upsert(context.catalog.ensure(context.database, name), filter, change);
  const value = returnsNew ? projected(record.bytes, undefined) : null;
  return result(value, { n: int32(1), updatedExisting: false, upserted: record.document.get('_id') });
};

function result(value: Encodable, lastError: Readonly<{ [name: string]: Encodable | undefined }>): Reply {
  return reply({ lastErrorObject: reply(lastError), value, ok: 1 });
}
