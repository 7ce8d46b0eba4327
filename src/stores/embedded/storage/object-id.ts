import { randomBytes } from 'node:crypto';
import { ObjectId } from '../bson/values.ts';

const ours = randomBytes(5).toString('hex');
let count = randomBytes(3).readUIntBE(0, 3);

/** A new id: seconds, a number of this process, a count. */
export function newObjectId(): ObjectId {
  count = (count + 1) % 0x1000000;
  const seconds = Math.floor(Date.now() / 1000);
  return new ObjectId(seconds.toString(16).padStart(8, '0') + ours + count.toString(16).padStart(6, '0'));
}
