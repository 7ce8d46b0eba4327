/** The request line of HTTP/1, wherever a log quotes one. */
import { methodOf } from './target.ts';

/** `GET /x HTTP/1.1` as method and target; HTTP/0.9 had no version. */
export function requestLineOf(raw: string): { readonly method: string; readonly target: string } | null {
  const first = raw.indexOf(' ');
  const method = first < 0 ? null : methodOf(raw.slice(0, first));
  if (method === null) return null;
  const rest = raw.slice(first + 1);
  const last = rest.lastIndexOf(' ');
  const target = last >= 0 && /^HTTP\/\d(?:\.\d)?$/.test(rest.slice(last + 1)) ? rest.slice(0, last) : rest;
  return target.startsWith('/') || /^https?:\/\//i.test(target) ? { method, target } : null;
}
