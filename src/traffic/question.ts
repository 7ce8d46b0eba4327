/** What is asked, apart from when and by which file: two recorded requests may be one question. */
import { createHash } from 'node:crypto';
import { credentialsOf } from '../base/caller.ts';
import type { Route } from '../types.ts';
import type { RecordedRequest } from './recorded.ts';

/** A read of the recorded traffic that is going to be asked of both sides. */
export interface Question {
  /** Its place among all that are asked, from 0; the same in every run with the same options. */
  readonly index: number;
  readonly file: string;
  readonly request: RecordedRequest;
  readonly route: Route;
  /** Equal for requests that ask the same question, in whatever form they were recorded. */
  readonly key: string;
}

/** Method, path, query parameters in any order, who asks, and the body. */
export function questionKey(request: RecordedRequest): string {
  const { method, target, rawHeaders, body } = request;
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  // Repeats of one name keep their order, which has a meaning.
  const query = mark < 0 ? [] : target.slice(mark + 1).split('&');
  const sorted = query.map((pair, i) => [pair.split('=', 1)[0] ?? '', i, pair] as const);
  sorted.sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j));
  const hash = createHash('sha1');
  hash.update(`${method === 'HEAD' ? 'GET' : method} ${path}?${sorted.map(([, , pair]) => pair).join('&')}\n`);
  hash.update(credentialsOf(rawHeaders));
  if (body !== null) hash.update(body);
  return hash.digest('base64').slice(0, 16);
}

/** `GET /api/users/:id`: for people, without values that may be personal data. */
export function nameOf({ method, target }: Pick<RecordedRequest, 'method' | 'target'>): string {
  const path = target.split('?', 1)[0] ?? target;
  const named = path
    .split('/')
    .map((segment) => (ofOneEntity(segment) ? ':id' : segment))
    .join('/');
  return `${method} ${named.length > 120 ? `${named.slice(0, 119)}…` : named}`;
}

/** Numbers, ObjectIds, UUIDs, addresses, and whatever is too long or too mixed to be a word. */
function ofOneEntity(segment: string): boolean {
  return /\d{3,}|^\d+$|@|%|^[0-9a-f-]{16,}$/i.test(segment) || segment.length > 32;
}
