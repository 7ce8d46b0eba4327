import { decode, documentLength } from '../bson/decode.ts';
import { encode } from '../bson/encode.ts';
import type { Doc, Encodable } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { crc32c } from './crc32c.ts';

/** MongoDB's limits, as `hello` gives them. */
export const MAX_MESSAGE = 48_000_000;
export const MAX_DOCUMENT = 16 * 1024 * 1024;
export const HEADER = 16;

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** The server may ignore the upper half of the flags; an unknown one of the lower half is an error. */
const REQUIRED_FLAGS = 0xffff;

/** What an answer needs to know of the message it answers. */
export interface Envelope {
  readonly requestId: number;
  readonly form: 'msg' | 'query';
  /** The client waits for no answer (an unacknowledged write). */
  readonly silent: boolean;
}

/** A message in its frame whose command cannot be read: it is answered with the error. */
export interface Unreadable extends Envelope {
  readonly error: MongoError;
}

export interface Request extends Envelope {
  /** The command; document sequences are not in it. */
  readonly command: Doc;
  readonly database: string;
  /** Document sequences (kind 1) by their field's name, as the bytes that came. */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
}

/** What does not follow the protocol: the connection is closed, since nothing after it can be trusted. */
export class ProtocolError extends Error {}

/** Reads one whole message, its header included. Fails with ProtocolError where its frame does not hold. */
export function readMessage(bytes: Buffer): Request | Unreadable {
  const requestId = bytes.readInt32LE(4);
  const opcode = bytes.readInt32LE(12);
  if (opcode === OP_MSG) return readMsg(bytes, requestId);
  if (opcode === OP_QUERY) return readQuery(bytes, requestId);
  throw new ProtocolError(`opcode ${opcode} is not spoken here`);
}

function readMsg(bytes: Buffer, requestId: number): Request | Unreadable {
  if (bytes.length < HEADER + 4) throw new ProtocolError('a message without flags');
  const flags = bytes.readUInt32LE(HEADER);
  if ((flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0) {
    throw new ProtocolError(`flags ${flags} are not known`);
  }
  let end = bytes.length;
  if ((flags & CHECKSUM_PRESENT) !== 0) {
    end -= 4;
    if (end < HEADER + 4 || crc32c(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
      throw new ProtocolError('the checksum does not fit the message');
    }
  }
  const content = bytes.subarray(0, end);
  const sequences = new Map<string, Buffer[]>();
  let body: Buffer | undefined;
  let at = HEADER + 4;
  while (at < end) {
    const kind = content[at];
    at += 1;
    if (kind === 0) {
      if (body !== undefined) throw new ProtocolError('two bodies in one message');
      const length = lengthAt(content, at);
      body = content.subarray(at, at + length);
      at += length;
    } else if (kind === 1) {
      at = readSequence(content, at, sequences);
    } else {
      throw new ProtocolError(`section kind ${kind} is not known`);
    }
  }
  if (body === undefined) throw new ProtocolError('a message without a body');
  const envelope: Envelope = { requestId, form: 'msg', silent: (flags & MORE_TO_COME) !== 0 };
  return readable(envelope, () => {
    const command = decode(body);
    const database = command.get('$db');
    if (typeof database !== 'string')
      throw new MongoError(40414, "BSON field 'OP_MSG.$db' is missing but a required field");
    return { ...envelope, command, database, sequences };
  });
}

/** The frame is whole, whatever is in it: the next message can be read, so this one is answered. */
function readable(envelope: Envelope, read: () => Request): Request | Unreadable {
  try {
    return read();
  } catch (error) {
    if (error instanceof MongoError) return { ...envelope, error };
    if (error instanceof RangeError) return { ...envelope, error: new MongoError('InvalidBSON', error.message) };
    throw error;
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  try {
    return documentLength(bytes, at);
  } catch (error) {
    throw error instanceof MongoError ? new ProtocolError(error.message) : error;
  }
}

function readSequence(body: Buffer, start: number, sequences: Map<string, Buffer[]>): number {
  if (start + 4 > body.length) throw new ProtocolError('a section that is cut');
  const end = start + body.readInt32LE(start);
  const nameEnd = body.indexOf(0, start + 4);
  if (nameEnd < 0 || end > body.length || nameEnd >= end) throw new ProtocolError('a section that is cut');
  const name = body.toString('utf8', start + 4, nameEnd);
  if (sequences.has(name)) throw new ProtocolError(`two sequences called ${name}`);
  const documents: Buffer[] = [];
  let at = nameEnd + 1;
  while (at < end) {
    const length = lengthAt(body, at);
    documents.push(body.subarray(at, at + length));
    at += length;
  }
  if (at !== end) throw new ProtocolError('a section that does not end where it says');
  sequences.set(name, documents);
  return end;
}

function readQuery(bytes: Buffer, requestId: number): Request | Unreadable {
  const nameEnd = bytes.indexOf(0, HEADER + 4);
  if (nameEnd < 0 || nameEnd + 9 > bytes.length) throw new ProtocolError('a query that is cut');
  const name = bytes.toString('utf8', HEADER + 4, nameEnd);
  const envelope: Envelope = { requestId, form: 'query', silent: false };
  if (!name.endsWith('.$cmd'))
    return { ...envelope, error: new MongoError(5739101, 'OP_QUERY is no longer supported but for the handshake') };
  return readable(envelope, () => ({
    ...envelope,
    command: decode(bytes, nameEnd + 9),
    database: name.slice(0, -5),
    sequences: new Map(),
  }));
}

/** Levels that an answer may have around a document, which itself may be as deep as any. */
const AROUND = 20;

let lastId = 0;

/** The answer to a request, in the form the request came in. */
export function writeReply(request: Envelope, answer: ReadonlyMap<string, Encodable>): Buffer[] {
  const body = encode(answer, AROUND);
  const extra = request.form === 'msg' ? 5 : 20;
  const head = Buffer.alloc(HEADER + extra);
  lastId = (lastId + 1) | 0;
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(lastId, 4);
  head.writeInt32LE(request.requestId, 8);
  head.writeInt32LE(request.form === 'msg' ? OP_MSG : OP_REPLY, 12);
  if (request.form === 'query') {
    head.writeInt32LE(8, 16);
    head.writeInt32LE(1, 32);
  }
  return [head, body];
}
