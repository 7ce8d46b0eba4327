/** The two sides of a read: how each is asked for it, and how its answer is read. */
import { twinTargetOf } from '../api/twin-path.ts';
import type { Answer, RawHeaders, Side } from '../types.ts';
import { type ReadAnswer, readAnswer } from './answers.ts';
import { asShadowRead, callerFields } from './headers.ts';
import type { Reading } from './reading.ts';
import type { SideResult } from './side-client.ts';
import type { VerifierParts } from './verifier-parts.ts';

/** One side's answer, or why there is none. */
export interface ReadSide {
  readonly result: SideResult;
  readonly read: ReadAnswer | null;
}

export class Sides {
  readonly #parts: Pick<VerifierParts, 'clients' | 'credentials' | 'settings'>;
  readonly #callers: Readonly<Record<Side, WeakMap<RawHeaders, readonly string[]>>> = {
    primary: new WeakMap(),
    twin: new WeakMap(),
  };

  constructor(parts: Pick<VerifierParts, 'clients' | 'credentials' | 'settings'>) {
    this.#parts = parts;
  }

  /** Asks one side for this read and reads its answer. */
  async readSide(reading: Reading, side: Side, beside: ReadAnswer | null): Promise<ReadSide> {
    const result = await this.request(reading, side);
    return { result, read: result.ok ? await this.read(reading, result.answer, beside) : null };
  }

  /** Once for all reads of a caller that came together: they share one list of fields. */
  #callerOf(side: Side, client: RawHeaders): readonly string[] {
    const known = this.#callers[side].get(client);
    if (known !== undefined) return known;
    const { clients, settings } = this.#parts;
    const made = callerFields(client, clients[side].host, settings.headers[side]);
    this.#callers[side].set(client, made);
    return made;
  }

  /** Asks one side for this read, straight and not through the proxy. */
  async request(reading: Reading, side: Side): Promise<SideResult> {
    const { request, trace } = reading.exchange;
    const client = this.#parts.clients[side];
    const given = this.#parts.settings.headers[side] ?? {};
    const own = side === 'twin' ? await this.#parts.credentials?.(request) : undefined;
    const caller =
      own === undefined
        ? this.#callerOf(side, request.rawHeaders)
        : callerFields(request.rawHeaders, client.host, { ...given, set: { ...given.set, ...own } });
    const representation = reading.exchange.served === 'twin' ? 'primary' : reading.representation;
    return client.fetch({
      method: request.method,
      target: side === 'twin' ? twinTargetOf(reading.route.entry, request.target) : request.target,
      headers: asShadowRead(caller, side, trace, representation, this.#parts.settings.loopSecret ?? null),
      body: request.body,
    });
  }

  /** Whoever can go on at once does: of the answers that came together, one pair is then in memory as values, not all. */
  read(reading: Reading, answer: Answer, beside: ReadAnswer | null): ReadAnswer | Promise<ReadAnswer> {
    const head = reading.exchange.request.method === 'HEAD';
    const { bodyBytes, compare } = this.#parts.settings;
    return readAnswer(answer, { limit: bodyBytes, head, wanted: reading.route.form, beside, limits: compare });
  }
}
