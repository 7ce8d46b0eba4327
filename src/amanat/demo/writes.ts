/**
 * Writes that go on while reads are verified: the steps of a payment, messages, points, disputes. Sent through the
 * proxy, as clients send them.
 */
import { Agent, request } from 'undici';
import type { Catalogue } from './catalogue.ts';
import type { Random } from './random.ts';

export interface WritesOptions {
  readonly proxy: string;
  readonly catalogue: Catalogue;
  readonly random: Random;
  /** Only new documents: rows that somebody broke on purpose must not be repaired by a later write. */
  readonly onlyNew: boolean;
  /** Pause between two writes, milliseconds. */
  readonly pauseMs: number;
}

export interface Writes {
  /** Ends them; resolves to how many were accepted and refused. */
  stop(): Promise<{ readonly accepted: number; readonly refused: number }>;
}

interface Write {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly caller: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export function startWrites(options: WritesOptions): Writes {
  const { random, catalogue } = options;
  const agent = new Agent({ connections: 2 });
  let going = true;
  let accepted = 0;
  let refused = 0;
  const paid: string[] = [];

  const send = async ({ method, path, caller, body }: Write): Promise<string | null> => {
    try {
      const answer = await request(`${options.proxy}${path}`, {
        method,
        dispatcher: agent,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${caller}` },
        body: JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) {
        refused += 1;
        return null;
      }
      accepted += 1;
      return /"_id":"([0-9a-f]{24})"/.exec(text)?.[1] ?? null;
    } catch {
      refused += 1;
      return null;
    }
  };

  const newPayment = async (): Promise<void> => {
    const caller = random.hot(catalogue.buyers);
    const body = {
      seller: random.hot(catalogue.sellers),
      provider: random.pick(['stripe', 'manual', 'request_network']),
      amount: Math.round(random.next() * 100_000) / 100 + 0.1 + 0.2,
      currency: random.pick(['USD', 'EUR', 'USDT']),
    };
    const made = await send({ method: 'POST', path: '/api/payments', caller, body });
    if (made !== null) paid.push(made);
  };
  const payOne = async (): Promise<void> => {
    const payment = paid.shift();
    if (payment === undefined) return newPayment();
    const caller = random.hot(catalogue.buyers);
    await send({ method: 'POST', path: `/api/payments/${payment}/pay`, caller, body: {} });
    if (random.chance(0.5))
      await send({
        method: 'POST',
        path: `/api/payments/${payment}/release`,
        caller: random.pick(catalogue.admins),
        body: {},
      });
  };
  const newRequest = async (): Promise<void> => {
    const body = {
      title: `طلب جديد ${random.below(1_000)} ✨`,
      description: 'Нужна доставка до пятницы, e\u0301cole',
      category: random.pick(catalogue.categories),
      budget: random.below(50_000) / 100,
      currency: 'USDC',
      tags: ['new', 'демо'],
    };
    await send({ method: 'POST', path: '/api/requests', caller: random.hot(catalogue.buyers), body });
  };
  const message = async (): Promise<void> => {
    const chat = random.hot(catalogue.chats);
    await send({
      method: 'POST',
      path: `/api/chats/${chat.id}/messages`,
      caller: chat.caller,
      body: { text: `سلام ${random.below(1_000)}` },
    });
  };
  const points = async (): Promise<void> => {
    const body = { type: 'bonus', points: random.below(100), reason: 'demo' };
    await send({
      method: 'POST',
      path: `/api/points/${random.hot(catalogue.pointUsers)}/transactions`,
      caller: random.pick(catalogue.admins),
      body,
    });
  };
  const kinds = options.onlyNew ? [newPayment, newRequest] : [newPayment, payOne, newRequest, message, message, points];

  const loop = (async () => {
    while (going) {
      await random.pick(kinds)();
      await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
    await agent.close();
  })();
  return {
    async stop() {
      going = false;
      await loop;
      return { accepted, refused };
    },
  };
}
