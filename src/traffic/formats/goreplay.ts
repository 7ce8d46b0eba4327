/**
 * GoReplay's files (`--output-file`): payloads between lines of three monkeys, each with a first line `type id time
 * [latency]`: 1 is a request, 2 its original answer, 3 a replayed one. Payloads are raw HTTP/1 and may hold anything.
 */
import { type Bytes, type RecordedAnswer, type RecordedRequest, type Told, told, unusable } from '../recorded.ts';
import { type HttpMessage, httpMessageOf } from './http-message.ts';
import { requestLineOf } from './request-line.ts';
import { targetOf } from './target.ts';

const SEPARATOR = Buffer.from('\n\u{1F435}\u{1F648}\u{1F649}\n');
export const GOREPLAY_HEAD = /^([123]) ([0-9A-Za-z]{1,64}) (\d{1,20})(?: -?\d{1,20})?$/;

const LARGEST = 64 * 1024 * 1024;
/** Requests that wait for their answer; the oldest goes without one. */
const WAITING = 1_000;

interface Payload {
  readonly line: number;
  readonly bytes: Buffer | null;
}

export async function* readGoReplay(bytes: Bytes): AsyncGenerator<Told> {
  const waiting = new Map<string, RecordedRequest>();
  for await (const { line, bytes: payload } of payloadsOf(bytes)) {
    if (payload === null) {
      yield unusable(line, 'the payload is larger than 64 MB');
      continue;
    }
    const one = messageIn(payload, line, (id) => waiting.get(id)?.method === 'HEAD');
    if (typeof one === 'string') {
      yield unusable(line, one);
      continue;
    }
    if ('request' in one) {
      const same = waiting.get(one.id);
      if (same !== undefined) yield told(same);
      waiting.delete(one.id);
      waiting.set(one.id, one.request);
      const [oldest] = waiting;
      if (waiting.size > WAITING && oldest !== undefined) {
        waiting.delete(oldest[0]);
        yield told(oldest[1]);
      }
      continue;
    }
    const request = waiting.get(one.id);
    if (request === undefined || one.answer === null) continue;
    waiting.delete(one.id);
    yield told({ ...request, answer: one.answer });
  }
  for (const request of waiting.values()) yield told(request);
}

async function* payloadsOf(source: Bytes): AsyncGenerator<Payload> {
  let held = Buffer.alloc(0);
  let line = 1;
  let tooLarge = false;
  for await (const chunk of source) {
    let from = Math.max(0, held.length - SEPARATOR.length);
    held = Buffer.concat([held, chunk]);
    for (let end = held.indexOf(SEPARATOR, from); end >= 0; end = held.indexOf(SEPARATOR, from)) {
      const payload = held.subarray(0, end);
      if (tooLarge || payload.length > 0) yield { line, bytes: tooLarge ? null : payload };
      tooLarge = false;
      line += newlines(payload) + 2;
      held = held.subarray(end + SEPARATOR.length);
      from = 0;
    }
    if (held.length > LARGEST) {
      tooLarge = true;
      const dropped = held.length - SEPARATOR.length;
      line += newlines(held.subarray(0, dropped));
      held = held.subarray(dropped);
    }
  }
  const rest = held.length > 0 && held.at(-1) === 10 && held.indexOf('\r\n\r\n') < 0 ? held.subarray(0, -1) : held;
  if (tooLarge || rest.length > 0) yield { line, bytes: tooLarge ? null : rest };
}

function newlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

type Found =
  | { readonly id: string; readonly request: RecordedRequest }
  | { readonly id: string; readonly answer: RecordedAnswer | null };

/** `headless`: whether the answer of this id has no content whatever its fields say, since its request is a HEAD. */
function messageIn(payload: Buffer, line: number, headless: (id: string) => boolean): Found | string {
  const end = payload.indexOf(10);
  const head = GOREPLAY_HEAD.exec(payload.subarray(0, Math.max(0, end)).toString('latin1').trimEnd());
  if (head === null) return 'the payload does not begin with type, id and time';
  const [, type, id = '', time = ''] = head;
  if (type === '3') return { id, answer: null };
  const content = type === '1' ? 'own' : headless(id) ? 'none' : 'until_end';
  const message = httpMessageOf(payload.subarray(end + 1), content);
  if (typeof message === 'string') return `${type === '1' ? 'the request' : 'the answer'} cannot be read: ${message}`;
  if (type === '2') return { id, answer: answerIn(message) };
  const requestLine = requestLineOf(message.firstLine);
  if (requestLine === null) return 'the payload has no request line';
  const target = targetOf(requestLine.target, 'wire');
  if (typeof target === 'string') return target;
  const { rawHeaders, body } = message;
  const request: RecordedRequest = {
    method: requestLine.method,
    target: target.target,
    rawHeaders,
    body: body.length === 0 ? null : body,
    // Nanoseconds since 1970; a double is exact enough for milliseconds.
    at: Math.floor(Number(time) / 1_000_000),
    answer: null,
    line,
  };
  return { id, request };
}

function answerIn({ firstLine, rawHeaders, body }: HttpMessage): RecordedAnswer | null {
  const status = Number(/^HTTP\/\d(?:\.\d)? (\d{3})(?: |$)/.exec(firstLine)?.[1]);
  return status >= 200 && status <= 599 ? { status, rawHeaders, body } : null;
}
