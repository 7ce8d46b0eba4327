/** From bytes as sent to what can be compared. Nothing in here throws: what cannot be read is a named failure. */
import { decodeText, parseJson } from '../rules/parse.ts';
import type { Answer, JsonValue, RawHeaders, SideTiming, SkipReason, TwinFailure } from '../types.ts';
import { codingsOf, decodeBody } from './decode.ts';
import { fieldOf } from './headers.ts';

/** An answer as the comparators take it. */
export interface ReadAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  /** The content decoded; what evidence keeps. */
  readonly bytes: Uint8Array;
  readonly content: Content;
  readonly timing: SideTiming;
}

export type Content =
  | { readonly media: 'json'; readonly value: JsonValue }
  | { readonly media: 'csv'; readonly text: string }
  /** No content at all: HEAD, 204, an empty body. */
  | { readonly media: 'none' };

export type Unreadable = {
  readonly why:
    | 'oversized'
    | 'bad_encoding'
    | 'unknown_coding'
    | 'unknown_media'
    | 'bad_json'
    | 'bad_utf8'
    | 'too_deep';
  readonly detail: string;
};

export type ReadResult = { readonly ok: true; readonly answer: ReadAnswer } | ({ readonly ok: false } & Unreadable);

/** How a body is read: as its Content-Type says, or as the other side's did. */
export type Media = 'json' | 'csv';

/**
 * `limit`: bytes, decoded. `head`: asked by HEAD, so that there is no content whatever the fields say. `like`: the
 * media of the answer it is compared with: a wrong Content-Type is a difference to be told, not a reason not to look.
 */
export async function readAnswer(
  answer: Answer,
  limit: number,
  head: boolean,
  like: Media | null = null,
): Promise<ReadResult> {
  const read = (bytes: Uint8Array, content: Content): ReadResult => ({
    ok: true,
    answer: { status: answer.status, rawHeaders: answer.rawHeaders, bytes, content, timing: timingOf(answer) },
  });
  if (head || answer.body.length === 0) return read(answer.body, { media: 'none' });
  const own = mediaOf(fieldOf(answer.rawHeaders, 'content-type'));
  if (own === null && like === null) {
    return { ok: false, why: 'unknown_media', detail: 'a media type that no rule reads' };
  }
  const codings = codingsOf(answer.rawHeaders);
  let bytes = answer.body;
  if (codings.length > 0) {
    const decoded = await decodeBody(bytes, codings, limit);
    if (!decoded.ok) return { ok: false, why: decodingFailure(decoded.why), detail: decoded.detail };
    bytes = decoded.body;
  } else if (bytes.length > limit) return { ok: false, why: 'oversized', detail: `more than ${limit} bytes` };
  const first = contentOf(bytes, like ?? own ?? 'json');
  if ('media' in first) return read(bytes, first);
  // The media differ in truth, as an error page in JSON does from a table in CSV.
  const second = own === null || like === null || own === like ? null : contentOf(bytes, own);
  return second !== null && 'media' in second ? read(bytes, second) : { ok: false, ...first };
}

function contentOf(bytes: Uint8Array, media: Media): Content | Unreadable {
  if (media === 'csv') {
    const text = decodeText(bytes);
    return text === null ? { why: 'bad_utf8', detail: 'the body is not valid UTF-8' } : { media: 'csv', text };
  }
  const parsed = parseJson(bytes);
  return parsed.ok ? { media: 'json', value: parsed.value } : { why: parsed.failure, detail: parsed.detail };
}

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

/** Which reader a media type wants; without one named it is read as JSON, which then says whether it is. */
function mediaOf(contentType: string | undefined): Media | null {
  if (contentType === undefined) return 'json';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/csv') return 'csv';
  if (type === 'application/json' || type.endsWith('+json') || type === 'text/json') return 'json';
  return null;
}

/** An answer that the client got and nobody here can read is not compared: not the twin's fault. */
export function skipOf(unreadable: Unreadable): SkipReason {
  return unreadable.why === 'oversized' ? 'too_large' : 'unsupported_media';
}

/** An answer that was asked for and cannot be read is of no use. */
export function failureOfUnreadable(unreadable: Unreadable): TwinFailure {
  switch (unreadable.why) {
    case 'unknown_coding':
      return 'bad_encoding';
    case 'unknown_media':
      return 'bad_json';
    default:
      return unreadable.why;
  }
}

export function timingOf(answer: Answer): SideTiming {
  return {
    askedAt: answer.askedAt,
    headersMs: answer.headersMs,
    totalMs: answer.totalMs,
    status: answer.status,
  };
}
