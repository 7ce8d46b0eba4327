/**
 * Real proxies between clients that may do anything and sides that may answer anything, beside clients that behave. What
 * has to hold: the processes live, nothing throws where nobody catches, the others get every byte, every read has its
 * verdict, the admin port answers, and no descriptor is left open.
 */
import { seeded } from '../../../src/amanat/demo/random.ts';
import { lookAt } from '../../support/look-at.ts';
import { conserved } from '../../support/proxy-process.ts';
import { RawClient, statusOf } from '../../support/raw-http.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../../support/scripted-upstream.ts';
import type { FuzzOptions, FuzzOutcome, FuzzTarget } from '../target.ts';
import { openStage, type Stage } from './stage.ts';
import { wildAnswer } from './wild-answers.ts';
import { liveWild, wildClient } from './wild-client.ts';

/** Answers that the sides know, per run. */
const ANSWERS = 2_000;
const STEADY = 50;
/** Connections after which the processes are warm: their descriptors are counted then and at the end. */
const WARM = 10_000;
/** Connections of wild clients at once. */
const LANES = 24;
/** Descriptors that may be open at the end beyond those of the middle: kept connections come and go. */
const LOOSE = 24;

export const connections: FuzzTarget = {
  what: 'connections that may do anything, against real proxies and sides that may answer anything',
  runs: 50_000,
  fuzz,
};

async function fuzz({ runs, seed, tell, over }: FuzzOptions): Promise<FuzzOutcome> {
  const failures: string[] = [];
  const [primary, twin] = await Promise.all([startScriptedUpstream(), startScriptedUpstream()]);
  prepare(primary, seed);
  prepare(twin, seed + 1);
  const stage = await openStage(primary.port, twin.port);
  const { ports } = stage;
  const stop = new AbortController();
  // Clients that behave rest while it is looked at: what they ask would be under way at every look.
  const rest = { now: false };
  const steady = [ports.main, ports.flipped, ports.long].map((port) => behave(port, stop.signal, rest, failures));
  try {
    const middle = Math.min(Math.ceil(runs / 2), WARM);
    const sides = [primary, twin];
    const warm = await drive({ from: 0, to: middle, seed, stage, tell, sides, over });
    rest.now = true;
    const before = await atRest(stage, failures, 'in the middle');
    rest.now = false;
    const driven = await drive({ from: warm, to: runs, seed, stage, tell, sides, over });
    stop.abort();
    const asked = (await Promise.all(steady)).reduce((sum, one) => sum + one, 0);
    const after = await atRest(
      stage,
      failures,
      'at the end',
      before.map((open) => open + LOOSE),
    );
    for (const [i, open] of after.entries()) {
      const at = before[i] ?? 0;
      if (open > at + LOOSE) failures.push(`process ${i}: ${open} descriptors at the end, ${at} in the middle`);
    }
    const status = await stage.main.status();
    return {
      failures: failures.slice(0, 50),
      figures: {
        connections: driven,
        'answers to clients that behave': asked,
        'reads seen by the mirror': status.seen,
        'of them compared': status.verdicts.match + status.verdicts.settled + status.verdicts.mismatch,
        'descriptors in the middle': before.reduce((sum, one) => sum + one, 0),
        'descriptors at the end': after.reduce((sum, one) => sum + one, 0),
        'workers replaced': status.workers.replaced,
      },
    };
  } finally {
    stop.abort();
    await stage.close();
    await Promise.all([primary.close(), twin.close()]);
  }
}

const steadyBody = (nth: number): string => JSON.stringify({ n: `steady ${nth} ${'s'.repeat(nth * 37)}` });

function prepare(side: ScriptedUpstream, seed: number): void {
  for (let nth = 0; nth < ANSWERS; nth += 1) {
    const answer = wildAnswer(seed, nth);
    for (const path of ['w', 'u', 'p']) side.scripts.set(`/${path}/${nth}`, answer);
  }
  for (let nth = 0; nth < STEADY; nth += 1) {
    const body = steadyBody(nth);
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    side.scripts.set(`/steady/${nth}`, { steps: [{ do: 'send', bytes: Buffer.from(head + body) }] });
  }
}

interface Drive extends Pick<FuzzOptions, 'seed' | 'tell' | 'over'> {
  readonly from: number;
  readonly to: number;
  readonly stage: Stage;
  readonly sides: readonly ScriptedUpstream[];
}

async function drive({ from, to, seed, stage, tell, sides, over }: Drive): Promise<number> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < to && stage.dead() === null && !over()) {
      const nth = next;
      next += 1;
      const random = seeded(seed + nth * 104_729);
      const where = random.pick(['main', 'main', 'main', 'flipped', 'flipped', 'long', 'long', 'admin'] as const);
      await liveWild(wildClient(random, where === 'admin', ANSWERS), stage.ports[where]);
      if ((nth + 1) % 1_000 !== 0) continue;
      for (const side of sides) side.asked.clear();
      tell(`${nth + 1} connections`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return next;
}

/** Asks one thing after another until told to stop; says how often it did. */
async function behave(
  port: number,
  signal: AbortSignal,
  rest: { readonly now: boolean },
  failures: string[],
): Promise<number> {
  const client = new RawClient(port);
  let asked = 0;
  while (!signal.aborted) {
    if (rest.now) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    const nth = asked % STEADY;
    const seen = await client.ask(Buffer.from(`GET /steady/${nth} HTTP/1.1\r\nHost: a\r\n\r\n`), 'GET');
    asked += 1;
    const status = seen.head === null ? null : statusOf(seen.head);
    if (status !== 200 || seen.end !== 'complete' || seen.body.toString() !== steadyBody(nth)) {
      failures.push(
        `a client that behaves got ${status ?? seen.end} for /steady/${nth}: ${seen.body.toString().slice(0, 200)}`,
      );
      if (failures.length > 50) break;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  client.close();
  return asked;
}

/** Waits until nothing is under way, looks at what has to hold, and says how many descriptors each process has open. */
async function atRest(stage: Stage, failures: string[], when: string, most?: readonly number[]): Promise<number[]> {
  const dead = stage.dead();
  if (dead !== null) {
    failures.push(`${when}: ${dead}`);
    return [];
  }
  const end = performance.now() + 120_000;
  for (;;) {
    const [status, second] = await Promise.all([stage.main.status(), stage.second()]);
    const open = stage.descriptors();
    const quiet = status.inFlight === 0 && second.inFlight === 0 && second.admitted === second.ended;
    const few = most === undefined || open.every((one, i) => one <= (most[i] ?? 0));
    if ((quiet && few) || performance.now() > end) {
      if (!conserved(status)) failures.push(`${when}: ${status.seen} reads seen do not add up to their verdicts`);
      if (status.inFlight > 0) failures.push(`${when}: ${status.inFlight} reads have no verdict`);
      if (status.faults.total > 0) failures.push(`${when}: exceptions ${JSON.stringify(status.faults)}`);
      if (second.faults.total > 0) failures.push(`${when}: exceptions ${JSON.stringify(second.faults)}`);
      if (second.inFlight > 0) failures.push(`${when}: ${second.inFlight} requests never ended`, ...second.underWay);
      if (second.admitted !== second.ended) failures.push(`${when}: ${second.admitted} reads, ${second.ended} ended`);
      if (second.broken > 0) failures.push(`${when}: ${second.broken} reads ended twice`);
      const health = await lookAt(`${stage.main.admin}/healthz`);
      if (health.status !== 200) failures.push(`${when}: the admin port says ${health.status}`);
      return open;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
