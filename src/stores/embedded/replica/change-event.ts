import { decode } from '../bson/decode.ts';
import { show } from '../bson/show.ts';
import { DateTime, type Doc, Timestamp, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import type { Catalog } from '../storage/catalog.ts';
import type { Entry } from './change-log.ts';
import { tokenOf } from './resume-token.ts';
import type { ChangeStreamSpec } from './spec.ts';

/** An entry of the log as the event that clients get. https://www.mongodb.com/docs/manual/reference/change-events/ */
export function eventOf(entry: Entry, spec: ChangeStreamSpec, catalog: Catalog): Doc {
  const { change, collection, database, id } = entry;
  const event = headOf(entry, change.kind);
  const full = fullDocument(entry, spec, catalog);
  if (full !== undefined) event.set('fullDocument', full);
  const ns: Doc = new Map([['db', database]]);
  if (collection !== '') ns.set('coll', collection);
  event.set('ns', ns);
  if (id !== undefined) event.set('documentKey', new Map([['_id', id]]));
  if (change.kind === 'update') event.set('updateDescription', change.description);
  if (spec.before !== 'off' && ['update', 'replace', 'delete'].includes(change.kind)) {
    if (spec.before === 'required') throw noImage('pre-image', 'update, delete and replace', event);
    event.set('fullDocumentBeforeChange', null);
  }
  return event;
}

/** What ends a stream whose collection or database is gone. */
export function invalidation(entry: Entry): Doc {
  return headOf(entry, 'invalidate');
}

function headOf({ time, wall }: Entry, kind: string): Doc {
  return new Map<string, Value>([
    ['_id', tokenOf({ time, kind: kind === 'invalidate' ? 'invalidate' : 'event' })],
    ['operationType', kind],
    ['clusterTime', new Timestamp(time)],
    ['wallTime', new DateTime(wall)],
  ]);
}

/** Images of the past are kept by no collection here: `create` refuses `changeStreamPreAndPostImages`. */
function fullDocument(
  { change, collection, database, id }: Entry,
  spec: ChangeStreamSpec,
  catalog: Catalog,
): Value | undefined {
  if (change.kind === 'insert' || change.kind === 'replace') return decode(change.document);
  if (change.kind !== 'update') return undefined;
  switch (spec.full) {
    case 'default':
      return undefined;
    case 'updateLookup':
      return (id === undefined ? undefined : catalog.find(database, collection)?.findById(id)?.document) ?? null;
    case 'whenAvailable':
      return null;
    case 'required':
      throw noImage(
        'post-image',
        'update',
        new Map([
          [
            'ns',
            new Map([
              ['db', database],
              ['coll', collection],
            ]),
          ],
        ]),
      );
  }
}

function noImage(image: string, kinds: string, event: Doc): MongoError {
  return new MongoError(
    'NoMatchingDocument',
    `Change stream was configured to require a ${image} for all ${kinds} events, but the ${image} was not found for event: ${show(event)}`,
  );
}
