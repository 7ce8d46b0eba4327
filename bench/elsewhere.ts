/**
 * Somebody else, in a process of its own, who sends the twin its reads: so that a proxy that verifies nothing is measured
 * under the load on the twin that verifying makes. `rate`: at a pace; `credit`: so many more, as soon as it can.
 * `node bench/elsewhere.ts <port of the twin>`, talked to over IPC.
 */
import { type Repeats, targets } from './entities.ts';
import { load } from './load.ts';

export type ToElsewhere =
  | {
      readonly do: 'rate';
      readonly rate: number;
      readonly seconds: number;
      readonly kb: number;
      readonly repeats: Repeats;
    }
  | { readonly do: 'begin'; readonly kb: number; readonly repeats: Repeats }
  | { readonly do: 'credit'; readonly more: number }
  | { readonly do: 'end' };
/** How many reads were answered since it was told last, how many failed, and whether that was the last of it. */
export interface FromElsewhere {
  readonly done: number;
  readonly failed: number;
  readonly over: boolean;
}

/** Requests at once: as many as the proxy's own limit. */
export const TWIN_CONNECTIONS = 64;
/** Entities far from those that the load itself asks for: nothing that is remembered of one helps the other. */
const FAR = 2_000_000_000;

const port = Number(process.argv[2]);
/** As the verifier asks: half of the reads in each of the twin's forms. */
const fields = (n: number): string =>
  `X-Shadow-Read: 1\r\nX-Twin-Representation: ${n % 2 === 0 ? 'twin' : 'primary'}\r\n`;

let credits = 0;
let ended = true;
let waiting: (() => void)[] = [];

function wake(): void {
  const woken = waiting;
  waiting = [];
  for (const each of woken) each();
}

/** True as soon as there is one more read to send, false when there is nothing more to do. */
async function credit(): Promise<boolean> {
  while (credits === 0 && !ended) await new Promise<void>((resolve) => waiting.push(resolve));
  if (ended) return false;
  credits -= 1;
  return true;
}

function takeCredit(): boolean | Promise<boolean> {
  if (credits === 0 || ended) return credit();
  credits -= 1;
  return true;
}

const tell = (told: FromElsewhere): void => void process.send?.(told);

async function take(message: ToElsewhere): Promise<void> {
  switch (message.do) {
    case 'rate': {
      const { rate, seconds, kb, repeats } = message;
      const got = await load({
        port,
        target: targets(kb, repeats, FAR),
        connections: TWIN_CONNECTIONS,
        seconds,
        rate,
        fields,
      });
      tell({ done: got.requests, failed: got.failed, over: true });
      break;
    }
    case 'begin':
      ended = false;
      credits = 0;
      await spend(message.kb, message.repeats);
      break;
    case 'credit':
      credits += message.more;
      wake();
      break;
    case 'end':
      ended = true;
      wake();
      break;
    default:
      message satisfies never;
  }
}

/** How often the other side is told, ms. */
const TOLD_MS = 4;
/** Longer than any round. */
const LONGEST_S = 600;

async function spend(kb: number, repeats: Repeats): Promise<void> {
  let done = 0;
  const timer = setInterval(() => {
    if (done > 0) tell({ done, failed: 0, over: false });
    done = 0;
  }, TOLD_MS);
  const got = await load({
    port,
    target: targets(kb, repeats, FAR),
    connections: TWIN_CONNECTIONS,
    seconds: LONGEST_S,
    fields,
    before: takeCredit,
    answered: () => {
      done += 1;
    },
  });
  clearInterval(timer);
  tell({ done, failed: got.failed, over: true });
}

process.on('message', (message: ToElsewhere) => void take(message));
process.on('disconnect', () => process.exit(0));
