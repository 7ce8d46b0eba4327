import { credentialsOf, splitCredentials } from '../base/caller.ts';
import type { ReadAnswer } from './answers.ts';
import type { Settled } from './reread.ts';
import { type KeptAnswer, sealEvidence } from './sealed-pair.ts';
import type { Pair } from './verifier-parts.ts';

/** Bodies kept of one mismatch, bytes: the first pair and the last always, those between while there is room. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** The evidence of a mismatch: the request without credentials, and every pair that was read. */
export function sealPair(pair: Pair, settled: Settled, key: Uint8Array, untilMs: number): Uint8Array {
  const { exchange, representation } = pair.reading;
  const { rest } = splitCredentials(exchange.request.rawHeaders);
  return sealEvidence(
    {
      exchangeId: exchange.id,
      route: exchange.route,
      served: exchange.served,
      representation,
      request: { ...exchange.request, rawHeaders: rest },
      withoutCredentials: credentialsOf(exchange.request.rawHeaders) !== '',
      trace: exchange.trace,
      at: exchange.answer.askedAt,
      pairs: within(settled.answers).map(([primary, twin]) => ({ primary: kept(primary), twin: kept(twin) })),
    },
    key,
    untilMs,
  );
}

function within(answers: Settled['answers']): Settled['answers'] {
  let room = KEPT_BYTES;
  return answers.filter(([primary, twin], i) => {
    room -= primary.bytes.length + twin.bytes.length;
    return i === 0 || i === answers.length - 1 || room > 0;
  });
}

function kept(answer: ReadAnswer): KeptAnswer {
  const { status, rawHeaders, bytes, timing } = answer;
  return { status, rawHeaders, body: bytes, askedAt: timing.askedAt };
}
