/**
 * Sends one JSON document to one address of the config. A few tries with pauses, a deadline for each; redirects are not
 * followed, so that only the config decides where it goes; the body of the answer is not read.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ShadowError } from '../errors.ts';

export interface Webhook {
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
  readonly timeoutMs: number;
  /** Tries at most. */
  readonly tries: number;
  /** Pause before the second try, ms; doubled before each further one. */
  readonly pauseMs: number;
}

/**
 * @throws ShadowError SHADOW_REFUSED that says the status or the kind of failure, and never the address: it may be a
 * secret, as Slack's are
 */
export async function sendJson(webhook: Webhook, body: string, ending: AbortSignal): Promise<void> {
  let failure = 'nothing was tried';
  for (let tried = 0; tried < webhook.tries; tried += 1) {
    if (tried > 0) {
      // Rejects where it ends meanwhile: then the loop is over, too.
      await pause(webhook.pauseMs * 2 ** (tried - 1), undefined, { signal: ending, ref: false }).catch(() => undefined);
    }
    if (ending.aborted) break;
    const outcome = await once(webhook, body, ending);
    if (outcome === null) return;
    failure = outcome.failure;
    if (!outcome.again) break;
  }
  throw new ShadowError('SHADOW_REFUSED', 'the webhook did not accept the alert', {
    expected: 'a 2xx answer',
    actual: failure,
  });
}

/** Null where it was accepted. Another try helps if the far end is in trouble, not if it refuses. */
async function once(
  webhook: Webhook,
  body: string,
  ending: AbortSignal,
): Promise<{ readonly failure: string; readonly again: boolean } | null> {
  try {
    const answer = await fetch(webhook.url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'shadowread',
        ...(webhook.token === null ? {} : { authorization: `Bearer ${webhook.token}` }),
      },
      body,
      signal: AbortSignal.any([ending, AbortSignal.timeout(webhook.timeoutMs)]),
    });
    await answer.body?.cancel();
    if (answer.ok) return null;
    return { failure: `status ${answer.status}`, again: answer.status === 429 || answer.status >= 500 };
  } catch (error) {
    const kind = error instanceof Error ? error.name : typeof error;
    return {
      failure: kind === 'TimeoutError' ? `no answer within ${webhook.timeoutMs} ms` : `no answer (${kind})`,
      again: true,
    };
  }
}
