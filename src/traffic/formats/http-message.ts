/** One whole HTTP/1 message from its bytes: first line, fields, content with its chunks undone. */
import { isField } from './target.ts';

export interface HttpMessage {
  readonly firstLine: string;
  /** Without the fields that speak of chunks. */
  readonly rawHeaders: readonly string[];
  /** Still in its Content-Encoding. */
  readonly body: Buffer;
}

const MOST_FIELDS = 1_000;

/**
 * How much content there is. `own`: what its fields say; `until_end`: without a length it goes on to the end, as answers may;
 * `none`: the answer to a HEAD.
 */
export type Content = 'own' | 'until_end' | 'none';

/** A sentence where the text is no message. */
export function httpMessageOf(bytes: Buffer, content: Content): HttpMessage | string {
  const end = headEnd(bytes);
  const head = bytes.subarray(0, end.at).toString('latin1');
  const [firstLine = '', ...lines] = head.split(/\r?\n/);
  if (firstLine === '') return 'there is no first line';
  if (lines.length > MOST_FIELDS) return `there are more than ${MOST_FIELDS} fields`;
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()];
    if (!isField(name, value)) return 'a header field is malformed';
    rawHeaders.push(name, value);
  }
  // RFC 9112 section 6.3: these end with their fields, which may speak of content that another answer would have.
  const bare =
    content === 'none' || (content === 'until_end' && /^HTTP\/\d(?:\.\d)? (?:1\d\d|204|304)(?: |$)/.test(firstLine));
  if (bare) return { firstLine, rawHeaders, body: Buffer.alloc(0) };
  return contentOf(firstLine, rawHeaders, bytes.subarray(end.after), content === 'until_end');
}

function headEnd(bytes: Buffer): { at: number; after: number } {
  const crlf = bytes.indexOf('\r\n\r\n');
  const lf = bytes.indexOf('\n\n');
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return { at: crlf, after: crlf + 4 };
  if (lf >= 0) return { at: lf, after: lf + 2 };
  // A head alone, whose last line may end or not.
  return { at: bytes.toString('latin1').trimEnd().length, after: bytes.length };
}

function contentOf(
  firstLine: string,
  rawHeaders: readonly string[],
  rest: Buffer,
  untilEnd: boolean,
): HttpMessage | string {
  const value = (wanted: string): string | undefined => {
    const at = rawHeaders.findIndex((part, i) => i % 2 === 0 && part.toLowerCase() === wanted);
    return at < 0 ? undefined : rawHeaders[at + 1];
  };
  if (/(?:^|,)\s*chunked\s*$/i.test(value('transfer-encoding') ?? '')) {
    const body = unchunked(rest);
    if (body === null) return 'its chunks are cut off or malformed';
    const fields = rawHeaders.filter((_, i) => !/^(?:transfer-encoding|trailer)$/i.test(rawHeaders[i - (i % 2)] ?? ''));
    return { firstLine, rawHeaders: fields, body };
  }
  const length = value('content-length');
  if (length === undefined) return { firstLine, rawHeaders, body: untilEnd ? rest : Buffer.alloc(0) };
  if (!/^\d{1,12}$/.test(length)) return 'its Content-Length is no number';
  if (rest.length < Number(length)) return `its content is cut off: ${rest.length} of ${length} bytes`;
  return { firstLine, rawHeaders, body: rest.subarray(0, Number(length)) };
}

function unchunked(bytes: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const size = /^([0-9a-fA-F]{1,8})(?:;.*)?$/.exec(bytes.subarray(at, end).toString('latin1').trim())?.[1];
    if (size === undefined) return null;
    const length = Number.parseInt(size, 16);
    if (length === 0) return Buffer.concat(parts);
    if (end + 2 + length > bytes.length) return null;
    parts.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
