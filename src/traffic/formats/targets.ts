/**
 * A plain list: a target a line, with or without a method before it; `#` begins a comment. Words after the target are
 * no part of it, so that a logger's `GET /x 200 5 ms` is understood.
 */
import { type Bytes, type Told, told, unusable } from '../recorded.ts';
import { linesOf, textOf } from './lines.ts';
import { methodOf, targetOf, withHost } from './target.ts';

const LONGEST = 256 * 1024;

export async function* readTargets(bytes: Bytes): AsyncGenerator<Told> {
  for await (const { number, bytes: line } of linesOf(bytes, LONGEST)) {
    if (line === null) {
      yield unusable(number, 'the line is longer than 256 KB');
      continue;
    }
    const text = textOf(line).trim();
    if (text !== '' && !text.startsWith('#')) yield ofLine(text, number);
  }
}

/** Null where the line has neither a target nor a method and a target. */
export function wordsOf(text: string): { readonly method: string; readonly target: string } | null {
  const [first = '', second = ''] = text.split(/\s+/, 2);
  if (isTarget(first)) return { method: 'GET', target: first };
  const method = methodOf(first);
  return method !== null && isTarget(second) ? { method, target: second } : null;
}

const isTarget = (word: string): boolean => word.startsWith('/') || /^https?:\/\//i.test(word);

function ofLine(text: string, line: number): Told {
  const requestLine = wordsOf(text);
  if (requestLine === null) return unusable(line, 'the line is neither a target nor a method and a target');
  const target = targetOf(requestLine.target, 'text');
  if (typeof target === 'string') return unusable(line, target);
  const rawHeaders = withHost([], target.host);
  return told({
    method: requestLine.method,
    target: target.target,
    rawHeaders,
    body: null,
    at: null,
    answer: null,
    line,
  });
}
