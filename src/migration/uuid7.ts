import { createHash } from 'node:crypto';

/**
 * The uuid that is proposed for a document: version 7 (RFC 9562), its time the ObjectId's, its other bits from a
 * digest of collection and ObjectId, so that a repeated backfill proposes the same. `id_map` decides.
 */
export function proposedUuid(collection: string, objectId: string): string {
  const bytes = createHash('sha256').update(`${collection}/${objectId}`).digest().subarray(0, 16);
  bytes.writeUIntBE(Number.parseInt(objectId.slice(0, 8), 16) * 1000, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
