import { MongoError } from '../mongo-error.ts';

/** The names of a path that an expression, a projection or a stage is given; fails as MongoDB's FieldPath does. */
export function fieldPath(text: string): string[] {
  if (text === '') throw new MongoError(40352, 'FieldPath cannot be constructed with empty string');
  if (text.endsWith('.')) throw new MongoError(40353, "FieldPath must not end with a '.'.");
  const names = text.split('.');
  for (const name of names) {
    if (name === '') throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
    if (name.startsWith('$'))
      throw new MongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    if (name.includes('\0')) throw new MongoError(16411, 'FieldPath field names may not contain the null byte.');
  }
  return names;
}
