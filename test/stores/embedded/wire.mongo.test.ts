import { once } from 'node:events';
import { connect } from 'node:net';
import { serialize } from 'bson';
import { expect } from 'chai';
import { decode } from '../../../src/stores/embedded/bson/decode.ts';
import { crc32c } from '../../../src/stores/embedded/wire/crc32c.ts';
import { type MongoFixture, mongoFixture } from '../../support/mongo-case.ts';
import { sharedMongo } from '../../support/stores.ts';

/** One OP_MSG with a body of kind 0 and sequences of kind 1. */
function message(
  body: Record<string, unknown>,
  sequences: Record<string, Record<string, unknown>[]> = {},
  flags = 0,
): Buffer {
  const sections: Buffer[] = [Buffer.from([0]), Buffer.from(serialize(body))];
  for (const [name, documents] of Object.entries(sequences)) {
    const parts = [Buffer.from(`${name}\0`), ...documents.map((document) => Buffer.from(serialize(document)))];
    const size = Buffer.alloc(4);
    size.writeInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0));
    sections.push(Buffer.from([1]), size, ...parts);
  }
  const checksum = (flags & 1) === 1 ? 4 : 0;
  const head = Buffer.alloc(20);
  head.writeInt32LE(20 + checksum + sections.reduce((sum, part) => sum + part.length, 0));
  head.writeInt32LE(77, 4);
  head.writeInt32LE(2013, 12);
  head.writeUInt32LE(flags, 16);
  const bytes = Buffer.concat([head, ...sections]);
  if (checksum === 0) return bytes;
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(crc32c(bytes));
  return Buffer.concat([bytes, tail]);
}

/** Sends the bytes in pieces of the given size and gives the first answer's document. */
async function ask(bytes: Buffer, piece = bytes.length): Promise<Map<string, unknown>> {
  const [answer] = await askAll(bytes, 1, piece);
  return answer ?? new Map();
}

/** The documents of that many answers, all of one connection. */
async function askAll(bytes: Buffer, count: number, piece = bytes.length): Promise<Map<string, unknown>[]> {
  const { hostname, port } = new URL((await sharedMongo()).uri.replace('mongodb:', 'http:'));
  const socket = connect(Number(port), hostname).setNoDelay(true);
  for (let at = 0; at < bytes.length; at += piece) socket.write(bytes.subarray(at, at + piece));
  const answers: Map<string, unknown>[] = [];
  let received = Buffer.alloc(0);
  while (answers.length < count) {
    while (received.length < 4 || received.length < received.readInt32LE(0)) {
      const [chunk] = await once(socket, 'data');
      received = Buffer.concat([received, chunk]);
    }
    expect(received.readInt32LE(8)).to.equal(77);
    answers.push(decode(received.subarray(21)));
    received = received.subarray(received.readInt32LE(0));
  }
  socket.destroy();
  return answers;
}

describe('stores/embedded wire protocol', () => {
  let mongo: MongoFixture;
  before(async () => {
    mongo = await mongoFixture();
  });
  after(() => mongo.close());

  it('knows the checksum of CRC-32C (RFC 3720, B.4)', () => {
    expect(crc32c(Buffer.alloc(32))).to.equal(0x8a9136aa);
    expect(crc32c(Buffer.from('123456789'))).to.equal(0xe3069283);
  });

  it('takes documents beside the command, a checksum, and a message in pieces', async () => {
    const body = { insert: 'wire', $db: mongo.db.databaseName };
    const reply = await ask(message(body, { documents: [{ _id: 1 }, { _id: 2 }] }, 1), 7);
    expect(reply.get('n')).to.deep.include({ value: 2 });
    expect(await mongo.db.collection('wire').countDocuments({})).to.equal(2);
  });

  it('answers nothing to a write that asks for no answer, and does it', async () => {
    const silent = message(
      { insert: 'silent', $db: mongo.db.databaseName, writeConcern: { w: 0 } },
      { documents: [{ _id: 1 }] },
      2,
    );
    const reply = await ask(Buffer.concat([silent, message({ ping: 1, $db: 'admin' })]));
    expect(reply.get('ok')).to.equal(1);
    expect(await mongo.db.collection('silent').countDocuments({})).to.equal(1);
    await mongo.db.collection('silent').insertOne({ more: 1 }, { writeConcern: { w: 0 } });
    expect(await mongo.db.collection('silent').countDocuments({})).to.equal(2);
  });

  it('answers a message of many commands in their order', async () => {
    const commands = Array.from({ length: 50 }, () => message({ ping: 1, $db: 'admin' }));
    expect((await ask(Buffer.concat(commands), 100)).get('ok')).to.equal(1);
  });

  /** A command in the right frame with one field of the given type and bytes. */
  function commandWith(type: number, value: Buffer): Buffer {
    const bytes = message({ find: 'c', a: null, $db: mongo.db.databaseName });
    const at = bytes.indexOf(Buffer.from('\x0aa\0', 'latin1'));
    const made = Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from([type]),
      Buffer.from('a\0'),
      value,
      bytes.subarray(at + 3),
    ]);
    made.writeInt32LE(made.length, 0);
    made.writeInt32LE(made.readInt32LE(21) + value.length, 21);
    return made;
  }
  const text = Buffer.from([2, 0, 0, 0, 120, 0]);
  const UNREADABLE: readonly [name: string, type: number, value: Buffer][] = [
    ['undefined', 0x06, Buffer.alloc(0)],
    ['a pointer', 0x0c, Buffer.concat([text, Buffer.alloc(12)])],
    ['a symbol', 0x0e, text],
    ['a type that does not exist', 0x42, Buffer.alloc(0)],
    ['a string that is longer than its document', 0x02, Buffer.from([255, 255, 0, 0, 120, 0])],
    ['a string of no bytes', 0x02, Buffer.from([0, 0, 0, 0])],
    ['a date beyond all dates', 0x09, Buffer.from([255, 255, 255, 255, 255, 255, 255, 127])],
    ['a document that is cut', 0x03, Buffer.from([9, 0, 0, 0, 0])],
    [
      'code with a scope that is cut',
      0x0f,
      Buffer.concat([Buffer.from([99, 0, 0, 0]), text, Buffer.from([5, 0, 0, 0, 0])]),
    ],
  ];
  for (const [name, type, value] of UNREADABLE) {
    it(`answers ${name} with an error, and the next command of the connection`, async () => {
      const [refused, next] = await askAll(
        Buffer.concat([commandWith(type, value), message({ ping: 1, $db: 'admin' })]),
        2,
      );
      expect(refused?.get('ok')).to.equal(0);
      expect(refused?.get('errmsg')).to.be.a('string');
      expect(next?.get('ok')).to.equal(1);
    });
  }

  it('answers a command without $db with an error', async () => {
    const [refused, next] = await askAll(Buffer.concat([message({ ping: 1 }), message({ ping: 1, $db: 'admin' })]), 2);
    expect(refused?.get('code')).to.deep.include({ value: 40414 });
    expect(next?.get('ok')).to.equal(1);
  });

  it('gives back the deepest document that may be stored', async () => {
    const collection = mongo.db.collection<{ deep: unknown }>('deepest');
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 175; level++) deep = { a: deep };
    await collection.insertOne({ deep });
    const [value] = await collection.distinct('deep');
    expect(JSON.stringify(value)).to.equal(JSON.stringify(deep));
  });

  it('refuses what is nested too deep and goes on', async () => {
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 300; level++) deep = { a: deep };
    const error = await mongo.db
      .collection<{ deep: unknown }>('deep')
      .insertOne({ deep })
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.an('error');
    expect((await mongo.db.command({ ping: 1 })).ok).to.equal(1);
  });
});
