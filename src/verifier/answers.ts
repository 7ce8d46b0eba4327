/** From bytes as sent to what can be compared. Nothing in here throws: what cannot be read is a named failure. */

import { fieldOf } from '../base/fields.ts';
import { PARSE_LIMITS, type ParseLimits } from '../rules/parse.ts';
import type { BodyForm } from '../rules/rule.ts';
import { type UnreadJson, unreadJson } from '../rules/unread.ts';
import type { Answer, JsonValue, RawHeaders, Side, SideTiming, SkipReason, TwinFailure } from '../types.ts';
import type { Compared } from './comparing.ts';
import { type Content, contentIn, contentUnnamed, formOf, type Unreadable } from './content.ts';
import { codingsOf, decodeBody } from './decode.ts';

/** An answer as the comparators take it. */
export interface ReadAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  /** The content decoded, or as it was sent where it does not decode; what evidence keeps. */
  readonly bytes: Uint8Array;
  readonly content: Content;
  readonly timing: SideTiming;
  /** Something follows the compressed content that is no part of it. */
  readonly followed: boolean;
  /** The JSON as it stands, until somebody asks for `content`: two answers that mean the same are told without it. */
  readonly unread?: UnreadJson | null;
}

export interface ReadOptions {
  /** Largest body, decoded, bytes. */
  readonly limit: number;
  /** Asked by HEAD, so that there is no content whatever the fields say. */
  readonly head: boolean;
  /** The form that the route's rule wants of a good body, whatever its Content-Type; null: as that says. */
  readonly wanted?: BodyForm | null;
  /**
   * The answer it is compared with. The body is read in the form of that answer: a wrong Content-Type is a difference to
   * report, not a reason to skip the body. Where the bytes are the same, they are read once.
   */
  readonly beside?: ReadAnswer | null;
  readonly limits?: ParseLimits;
}

/**
 * An answer with its body decoded and read; a body that cannot be read is `unreadable`, with its reason. At once where
 * nothing has to be decoded.
 */
export function readAnswer(answer: Answer, options: ReadOptions): ReadAnswer | Promise<ReadAnswer> {
  const { limit, head, beside = null } = options;
  if (head || answer.body.length === 0) return withContent(answer, answer.body, { media: 'none' });
  const contentType = fieldOf(answer.rawHeaders, 'content-type') ?? undefined;
  const wanted = isGood(answer.status) ? (options.wanted ?? null) : null;
  const own = formOf(contentType);
  const form = wanted ?? (beside === null ? null : formRead(beside)) ?? own;
  const codings = codingsOf(answer.rawHeaders);
  const failed = (why: Unreadable['why'], detail: string): ReadAnswer =>
    withContent(answer, answer.body, { media: 'unreadable', as: form ?? 'json', why, detail });
  const read = (bytes: Uint8Array, followed = false): ReadAnswer => {
    const content = (): Content => decodedContent(bytes, contentType, form, own, options);
    const isJson = form === 'json' && (own === null || own === form);
    const unread = isJson && mayBeUnread(beside) ? unreadOf(bytes, contentType, options) : null;
    if (unread !== null) return new LaterAnswer(answer, bytes, followed, unread, content);
    return withContent(answer, bytes, content(), followed);
  };
  if (codings.length === 0) {
    return answer.body.length > limit ? failed('oversized', `more than ${limit} bytes`) : read(answer.body);
  }
  return decodeBody(answer.body, codings, limit).then((decoded) => {
    if (!decoded.ok) return failed(decodingFailure(decoded.why), decoded.detail);
    if (!decoded.followed) return read(decoded.body);
    // Clients live with it where the answer that they get has it; where only the other one has, some of them would fail.
    if (beside !== null && !beside.followed) return failed('bad_encoding', 'something follows the compressed data');
    return read(decoded.body, true);
  });
}

function withContent(answer: Answer, bytes: Uint8Array, content: Content, followed = false): ReadAnswer {
  const { status, rawHeaders } = answer;
  return { status, rawHeaders, bytes, content, timing: timingOf(answer), followed };
}

function decodedContent(
  bytes: Uint8Array,
  contentType: string | undefined,
  form: BodyForm | null,
  own: BodyForm | null,
  { beside = null, limits = PARSE_LIMITS }: ReadOptions,
): Content {
  if (form === null) return contentUnnamed(bytes, limits);
  const shared = beside === null ? null : sharedContent(beside, form, bytes, contentType);
  if (shared !== null) return shared;
  const first = contentIn(form, bytes, contentType, limits);
  if (first.media !== 'unreadable' || own === null || own === form) return first;
  // The two differ in truth, as an error page in HTML does from a list in JSON.
  const second = contentIn(own, bytes, contentType, limits);
  return second.media === 'unreadable' ? first : second;
}

/** Beside a body that is no JSON, this one is told from it by what it is. */
function mayBeUnread(beside: ReadAnswer | null): boolean {
  return beside === null || beside.unread != null || beside.content.media === 'json';
}

/** Null where the bytes are not UTF-8. */
function unreadOf(
  bytes: Uint8Array,
  contentType: string | undefined,
  { beside = null, limits = PARSE_LIMITS }: ReadOptions,
): UnreadJson | null {
  const other = beside?.unread ?? null;
  return other !== null && beside !== null && hasSameBody(beside, bytes, contentType)
    ? other
    : unreadJson(bytes, limits);
}

/** Reads the body when its content is first asked for. */
class LaterAnswer implements ReadAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly bytes: Uint8Array;
  readonly timing: SideTiming;
  readonly followed: boolean;
  #unread: UnreadJson | null;
  #content: Content | null = null;
  readonly #read: () => Content;

  constructor(answer: Answer, bytes: Uint8Array, followed: boolean, unread: UnreadJson, read: () => Content) {
    this.status = answer.status;
    this.rawHeaders = answer.rawHeaders;
    this.bytes = bytes;
    this.timing = timingOf(answer);
    this.followed = followed;
    this.#unread = unread;
    this.#read = read;
  }

  // Of the class: an object with getters of its own gets a hidden class of its own, which is old at once and keeps the texts
  // until the whole heap is marked.
  get content(): Content {
    this.#content ??= this.#read();
    this.#unread = null;
    return this.#content;
  }

  get unread(): UnreadJson | null {
    return this.#unread;
  }
}

/** What the other side's same bytes, called by the same Content-Type, were read as in this form; null where they were not. */
function sharedContent(
  beside: ReadAnswer,
  form: BodyForm,
  bytes: Uint8Array,
  contentType: string | undefined,
): Content | null {
  if (formRead(beside) !== form || !hasSameBody(beside, bytes, contentType)) return null;
  return beside.content.media === 'unreadable' ? null : beside.content;
}

function hasSameBody(beside: ReadAnswer, bytes: Uint8Array, contentType: string | undefined): boolean {
  if (beside.bytes.length !== bytes.length) return false;
  if ((fieldOf(beside.rawHeaders, 'content-type') ?? undefined) !== contentType) return false;
  return Buffer.compare(beside.bytes, bytes) === 0;
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

function decodingFailure(why: 'oversized' | 'corrupt' | 'unknown'): Unreadable['why'] {
  switch (why) {
    case 'oversized':
      return 'oversized';
    case 'corrupt':
      return 'bad_encoding';
    case 'unknown':
      return 'unknown_coding';
  }
}

/** The form that an answer was read in, for the one it is compared with; null where it has no content. */
function formRead(answer: ReadAnswer): BodyForm | null {
  if (answer.unread != null) return 'json';
  const { content } = answer;
  switch (content.media) {
    case 'none':
      return null;
    case 'unreadable':
      return content.as;
    default:
      return content.media;
  }
}

/** The value that the rules compare; undefined where there is none. */
export function comparedBody({ content }: ReadAnswer): JsonValue | undefined {
  switch (content.media) {
    case 'json':
    case 'ndjson':
    case 'bytes':
      return content.value;
    case 'csv':
    case 'text':
      return content.text;
    case 'none':
    case 'unreadable':
      return undefined;
  }
}

/** Differences that say enough without the bodies. */
const DECISIVE: ReadonlySet<string> = new Set(['#status', '#header/content-type']);

/**
 * Which side's body keeps the two from being compared; null where none does. Status and content type come first: where
 * they differ, that is the difference, whether the bodies can be read or not.
 */
export function unreadableOf(
  compared: Compared,
  primary: ReadAnswer,
  twin: ReadAnswer,
): (Unreadable & { readonly side: Side }) | null {
  if (compared.differences.some(({ path }) => DECISIVE.has(path))) return null;
  const [mine, its] = [whyUnreadable(primary), whyUnreadable(twin)];
  if (mine !== null) return { ...mine, side: 'primary' };
  return its === null ? null : { ...its, side: 'twin' };
}

/** Null for what can be read, and for what nobody had to read: texts that mean the same can be read. */
export function whyUnreadable(answer: ReadAnswer): Unreadable | null {
  return answer.unread == null && answer.content.media === 'unreadable' ? answer.content : null;
}

/** A primary's answer that cannot be read is not compared: that is not the twin's fault. */
export function skipOf(unreadable: Unreadable): SkipReason {
  switch (unreadable.why) {
    case 'oversized':
      return 'too_large';
    case 'unknown_coding':
      return 'unsupported_media';
    default:
      return unreadable.why;
  }
}

/** An answer that was asked for and cannot be read is of no use. */
export function failureOfUnreadable(unreadable: Unreadable): TwinFailure {
  return unreadable.why === 'unknown_coding' ? 'bad_encoding' : unreadable.why;
}

export function timingOf(answer: Answer): SideTiming {
  return {
    askedAt: answer.askedAt,
    headersMs: answer.headersMs,
    totalMs: answer.totalMs,
    status: answer.status,
  };
}
