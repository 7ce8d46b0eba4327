/** What the verifier found, as the admin port tells it, compared with what was injected. */

import { request } from 'undici';
import { counted } from '../../base/figure-words.ts';
import type { Injected, Sign } from './faults.ts';

export interface Status {
  readonly seen: number;
  readonly inFlight: number;
  /** Reads that wait for a worker. */
  readonly queued: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly journal: { readonly lagSeconds: number; readonly buffered: number };
}

export interface Fingerprint {
  readonly id: string;
  readonly domain: string;
  readonly route: string;
  readonly cause: string | null;
  readonly count: number;
  readonly sample: readonly { readonly path: string; readonly kind: string }[];
}

export interface FoundFault {
  readonly id: string;
  readonly domain: string;
  readonly cause: string;
  readonly collection: string | null;
  readonly entity: string | null;
  readonly field: string | null;
  readonly sentence: string;
  readonly state: string;
  readonly routes: readonly { readonly route: string }[];
}

export interface Gate {
  readonly outcome: string;
  readonly epoch: number | null;
  readonly missing: readonly string[];
  /** The first condition that fails, else the first that is undecided; empty where all hold. */
  readonly why: string;
}

export interface Judged {
  readonly injected: readonly {
    readonly domain: string;
    readonly what: string;
    readonly found: boolean;
    readonly fault: FoundFault | null;
  }[];
  readonly unexpected: readonly {
    readonly fingerprint: string;
    readonly route: string;
    readonly paths: readonly string[];
  }[];
  /** Faults that nobody injected. */
  readonly invented: readonly FoundFault[];
  readonly faults: readonly FoundFault[];
}

export class AdminClient {
  readonly #url: string;
  constructor(url: string) {
    this.#url = url;
  }

  status(): Promise<Status> {
    return this.#get<Status>('/api/status');
  }

  async fingerprints(): Promise<readonly Fingerprint[]> {
    return (await this.#get<{ fingerprints: readonly Fingerprint[] }>('/api/fingerprints?limit=1000')).fingerprints;
  }

  async faults(): Promise<readonly FoundFault[]> {
    return (await this.#get<{ faults: readonly FoundFault[] }>('/api/faults?limit=1000')).faults;
  }

  /** The domain of each route, by its key. */
  async domainsOfRoutes(): Promise<ReadonlyMap<string, string>> {
    const { routes } = await this.#get<{ routes: readonly { key: string; domain: string }[] }>('/api/control');
    return new Map(routes.map(({ key, domain }) => [key, domain]));
  }

  /** Decided now, and kept. */
  async decide(domain: string): Promise<Gate> {
    const { decision } = await this.#post<{
      decision: Omit<Gate, 'why'> & { readonly conditions: readonly { holds: boolean | null; text: string }[] };
    }>(`/api/gates/${domain}/decide`, {});
    const { outcome, epoch, missing, conditions } = decision;
    const open = conditions.find(({ holds }) => holds === false) ?? conditions.find(({ holds }) => holds !== true);
    return { outcome, epoch, missing, why: open?.text ?? '' };
  }

  async newEpoch(domain: string, reason: string): Promise<void> {
    await this.#post(`/api/gates/${domain}/epoch`, { reason });
  }

  /** Resolves when every read has its verdict and the journal has them all; rejects after `withinMs`. */
  async quiet(withinMs: number, onWait: (status: Status) => void): Promise<Status> {
    const until = Date.now() + withinMs;
    for (;;) {
      const status = await this.status();
      if (status.inFlight === 0 && status.journal.lagSeconds === 0) return status;
      if (Date.now() > until)
        throw new Error(
          `${counted(status.inFlight, 'read has', 'reads have')} no verdict, the journal is ${status.journal.lagSeconds} s behind`,
        );
      onWait(status);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  #get<T>(path: string): Promise<T> {
    return answerOf<T>(path, request(`${this.#url}${path}`));
  }

  #post<T>(path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json', 'x-shadow-who': 'the demo' };
    return answerOf<T>(path, request(`${this.#url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
  }
}

async function answerOf<T>(path: string, response: ReturnType<typeof request>): Promise<T> {
  const answer = await response;
  if (answer.statusCode !== 200)
    throw new Error(`${path} answered ${answer.statusCode}: ${(await answer.body.text()).slice(0, 200)}`);
  return (await answer.body.json()) as T;
}

/**
 * A good outcome: each injected fault is one fault of the journal and has a fingerprint that shows it for certain;
 * there is no other fault, and the injected ones explain every fingerprint.
 */
export function judge(
  injected: readonly Injected[],
  fingerprints: readonly Fingerprint[],
  faults: readonly FoundFault[],
): Judged {
  const is = ({ broken }: Injected, fault: FoundFault): boolean =>
    fault.collection === broken.collection && fault.entity === broken.entity && fault.field === broken.field;
  const shows = (fingerprint: Fingerprint, sign: Sign): boolean =>
    (sign.route === '*' || sign.route === fingerprint.route) &&
    fingerprint.sample.some(({ path }) => sign.path.test(path));
  return {
    injected: injected.map((one) => {
      const { domain, what, sure } = one;
      const fault = faults.find((found) => is(one, found)) ?? null;
      const isSeen = fingerprints.some((fingerprint) => shows(fingerprint, sure));
      return { domain, what, found: isSeen && fault !== null, fault };
    }),
    invented: faults.filter((fault) => !injected.some((one) => is(one, fault))),
    faults,
    unexpected: fingerprints
      .filter(
        (fingerprint) => !injected.some(({ sure, also }) => [sure, ...also].some((sign) => shows(fingerprint, sign))),
      )
      .map(({ id, route, sample }) => ({
        fingerprint: id,
        route,
        paths: sample.map(({ path, kind }) => `${path} ${kind}`),
      })),
  };
}
