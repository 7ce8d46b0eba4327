/** The ends of requests as they cross to the main thread: numbers in one array, which is copied as it is. */
import type { RequestEnd, RequestOutcome } from './protocol.ts';

const OUTCOMES: readonly RequestOutcome[] = [
  'ok',
  'none',
  'connection',
  'reset',
  'timeout',
  'status_5xx',
  'protocol',
  'status_429',
];
const WORDS = 5;

export function encodeEnds(ends: readonly RequestEnd[]): Float64Array {
  const words = new Float64Array(ends.length * WORDS);
  ends.forEach(({ job, outcome, ms, resent, full }, i) => {
    words.set([job, OUTCOMES.indexOf(outcome), ms, resent ? 1 : 0, full ? 1 : 0], i * WORDS);
  });
  return words;
}

export function decodeEnds(words: Float64Array): RequestEnd[] {
  const ends: RequestEnd[] = [];
  for (let at = 0; at < words.length; at += WORDS) {
    const [job = 0, outcome = 0, ms = 0, resent = 0, full = 0] = words.subarray(at, at + WORDS);
    ends.push({ job, outcome: OUTCOMES[outcome] ?? 'none', ms, resent: resent === 1, full: full === 1 });
  }
  return ends;
}
