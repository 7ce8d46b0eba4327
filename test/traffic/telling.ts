/** What a text of recorded traffic tells, in a shape that tables can be written in. */
import { Readable } from 'node:stream';
import { openRecording } from '../../src/traffic/open.ts';
import type { ReadOptions, RecordedRequest, Told, Unusable } from '../../src/traffic/recorded.ts';

export const PLAIN: ReadOptions = { logFormat: null, variables: {} };

export interface Telling {
  readonly format: string | null;
  readonly requests: readonly RecordedRequest[];
  readonly unusable: readonly Unusable[];
}

/** Reads the bytes in pieces of so many, as a slow pipe would bring them. */
export async function telling(
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
  piece = Number.POSITIVE_INFINITY,
): Promise<Telling> {
  const bytes = Buffer.from(content);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += piece) pieces.push(bytes.subarray(at, Math.min(bytes.length, at + piece)));
  const recording = await openRecording('-', { ...PLAIN, ...options }, null, Readable.from(pieces));
  const told: Told[] = [];
  for await (const one of recording.told) told.push(one);
  return {
    format: recording.format,
    requests: told.flatMap((one) => (one.kind === 'request' ? [one.request] : [])),
    unusable: told.flatMap((one) => (one.kind === 'unusable' ? [{ line: one.line, why: one.why }] : [])),
  };
}

/** `METHOD target` of each request. */
export const asked = ({ requests }: Telling): string[] => requests.map(({ method, target }) => `${method} ${target}`);

/** The value of a field, as a list of all its values. */
export function fieldsOf(request: RecordedRequest | undefined, name: string): string[] {
  const { rawHeaders = [] } = request ?? {};
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
