import { MongoError, notSupported } from '../mongo-error.ts';

export function unknownTopLevel(name: string): MongoError {
  if (['$where', '$text', '$jsonSchema', '$sampleRate'].includes(name))
    return notSupported(`the query operator ${name}`);
  return new MongoError(
    'BadValue',
    `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
  );
}

const REFUSED = [
  '$near',
  '$nearSphere',
  '$geoWithin',
  '$geoIntersects',
  '$within',
  '$bitsAllSet',
  '$bitsAllClear',
  '$bitsAnySet',
  '$bitsAnyClear',
];

export function unknownOperator(operator: string): MongoError {
  if (REFUSED.includes(operator)) return notSupported(`the query operator ${operator}`);
  return new MongoError('BadValue', `unknown operator: ${operator}`);
}
