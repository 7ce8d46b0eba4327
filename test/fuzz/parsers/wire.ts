/** Messages of MongoDB's wire protocol, and the BSON in them, as the embedded server reads them. */
import { serialize } from 'bson';
import { Binary, Decimal128, Long, ObjectId, Timestamp } from 'mongodb';
import { decode } from '../../../src/stores/embedded/bson/decode.ts';
import { encode } from '../../../src/stores/embedded/bson/encode.ts';
import { crc32c } from '../../../src/stores/embedded/wire/crc32c.ts';
import { HEADER, readMessage } from '../../../src/stores/embedded/wire/message.ts';
import { insist, type NamedParser, refusing } from './promises.ts';

const OP_MSG = 2013;
const OP_QUERY = 2004;

/** With a header that fits: a length that does not would end the connection before anything is read. */
function framed(content: Buffer, opcode: number): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeInt32LE(HEADER + content.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(opcode, 12);
  return Buffer.concat([head, content]);
}

/** The same with the checksum that it says it has. */
function checked(message: Buffer): Buffer {
  if (message.length < HEADER + 8 || (message.readUInt32LE(HEADER) & 1) === 0) return message;
  const end = message.length - 4;
  const own = Buffer.from(message);
  own.writeUInt32LE(crc32c(own.subarray(0, end)), end);
  return own;
}

function holds(bytes: Buffer): void {
  for (const message of [checked(framed(bytes, OP_MSG)), framed(bytes, OP_QUERY)])
    refusing(() => {
      const request = readMessage(message);
      if ('error' in request) return;
      insist(typeof request.database === 'string', 'a request of no database');
      const once = encode(request.command);
      insist(Buffer.compare(encode(decode(once)), once) === 0, 'a document that does not come back');
      for (const one of [...request.sequences.values()].flat()) insist(one.length >= 5, 'a document of no length');
    });
}

const bson = (document: object): Buffer => Buffer.from(serialize(document));
const flags = (value: number): Buffer => Buffer.from([value, 0, 0, 0]);
const kind = (value: number): Buffer => Buffer.from([value]);

function sequence(name: string, documents: readonly object[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map(bson)]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(content.length + 4);
  return Buffer.concat([kind(1), length, content]);
}

const FIND = bson({
  find: 'payments',
  filter: {
    _id: new ObjectId('66d4f0a2c3b1a09876543210'),
    amount: { $gte: Decimal128.fromString('1.50') },
    tags: /^a/i,
  },
  sort: { createdAt: -1 },
  limit: 5,
  n: Long.fromString('9007199254740993'),
  at: new Date(0),
  raw: new Binary(Buffer.from([1, 2, 3])),
  clock: new Timestamp({ t: 1, i: 2 }),
  none: null,
  yes: true,
  half: 0.5,
  deep: [{ a: [{ b: {} }] }],
  $db: 'amanat',
});

export const wire: Readonly<Record<string, NamedParser>> = {
  wire: {
    what: "messages of MongoDB's wire protocol and the BSON in them",
    runs: 50_000,
    corpus: [
      Buffer.concat([flags(0), kind(0), FIND]),
      Buffer.concat([flags(1), kind(0), bson({ ping: 1, $db: 'admin' }), Buffer.alloc(4)]),
      Buffer.concat([
        flags(2),
        kind(0),
        bson({ insert: 'a', $db: 'b' }),
        sequence('documents', [{ a: 1 }, { __proto__: { x: 1 }, '': 'empty' }]),
      ]),
      Buffer.concat([flags(0), Buffer.from('admin.$cmd\0'), Buffer.alloc(8), bson({ hello: 1 })]),
    ],
    holds,
  },
};
