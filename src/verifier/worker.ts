/**
 * The worker's entry: wires stage 3 to the messages of stage 2. Takes reads ahead of need, verifies each when a slot is
 * free, reports in slices of time, and beats so that the main thread knows its loop is alive.
 */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { guardWorker } from '../base/driver-guard.ts';
import { onRejection } from '../base/rejections.ts';
import { Heartbeat } from './heartbeat.ts';
import { openVerifier } from './open.ts';
import { decodeBatch, type FromWorker, type Job, type JobId, readWorkerData, type ToWorker } from './protocol.ts';
import { ReadAhead } from './read-ahead.ts';
import { Reports } from './reports.ts';
import { SharedRate } from './shared-rate.ts';
import { Slots } from './slots.ts';
import type { Hooks } from './verifier-parts.ts';
import { whereOf } from './where-of.ts';

const port = parentPort;
if (port === null) throw new Error('this is the entry of a worker thread');
const { settings, beats, beatMs, idleBeatMs, ...shared } = readWorkerData(workerData);

/** On Linux a thread has a niceness of its own: verifying yields to serving. Elsewhere, or not allowed: it does not. */
try {
  if (process.platform === 'linux') setPriority(0, Math.min(settings.niceness, constants.priority.PRIORITY_LOW));
} catch {
  // Not allowed here; the limits of the main thread still hold.
}

const slots = new Slots(shared.slots);
/** Reads that are being verified. */
let underWay = 0;
const heartbeat = new Heartbeat({
  beats,
  beatMs,
  idleBeatMs,
  isIdle: () => underWay === 0 && slots.waiting() === 0,
});
const rates = { primary: new SharedRate(shared.rates.primary), twin: new SharedRate(shared.rates.twin) };

function send(message: FromWorker): void {
  port?.postMessage(message);
}

/** Wishes to read again that have no answer yet. */
const waiting = new Map<JobId, (granted: boolean) => void>();

const reports = new Reports({ slots, send, onIll: () => ahead.stop() });
const ahead = new ReadAhead({ slots, rates, start, later: (ms, call) => void setTimeout(call, ms) });

/** Verifies a read that has a slot. */
function start(job: Job): void {
  const side = job.exchange.served === 'primary' ? 'twin' : 'primary';
  let held = true;
  const free = (): void => {
    if (!held) return;
    held = false;
    ahead.free(side);
  };
  const hooks: Hooks = {
    requestEnded: (outcome, ms, resent) => {
      const full = slots.inUse(side) >= slots.share(side);
      reports.ended({ job: job.id, outcome, ms: Math.max(0, ms - heartbeat.lateMs), resent, full });
      free();
    },
    readAgain: (round, bytes, waitMs) =>
      new Promise((resolve) => {
        waiting.set(job.id, (granted) => {
          if (!granted) return resolve(false);
          ahead.again(side, () => {
            held = true;
            resolve(true);
          });
        });
        reports.wish({ job: job.id, round, bytes, waitMs });
      }),
  };
  underWay += 1;
  verifier.verify(job, hooks).then(
    (outcome) => {
      underWay -= 1;
      // A read that could not be judged may end without having said that it is done with its slot.
      free();
      reports.verdict(job.id, outcome, job.exchange.answer.body.length);
    },
    // Its verdict could not even be written: like any exception here, it ends the worker, and its reads with it.
    (thrown: unknown) =>
      setImmediate(() => {
        throw thrown;
      }),
  );
}

function answer(jobs: readonly JobId[], granted: boolean): void {
  for (const job of jobs) {
    const resolve = waiting.get(job);
    waiting.delete(job);
    resolve?.(granted);
  }
}

function take(message: ToWorker): void {
  heartbeat.quicken();
  switch (message.type) {
    case 'batch':
      decodeBatch(message.batch).forEach((job, i) => {
        const [cell, level] = message.places[i] ?? [-1, 0];
        ahead.add(job, cell, level);
      });
      ahead.refill();
      return;
    case 'go':
      ahead.heard(message.heard);
      return;
    case 'granted':
      answer(message.jobs, true);
      return;
    case 'denied':
      answer(message.jobs, false);
      return;
    case 'forget':
      verifier.forget();
      return;
    case 'lag':
      verifier.setLag(message.ms);
      return;
    case 'recheck':
      void verifier.recheck(message.evidence, message.credentials).then(
        (verdict) => send({ type: 'rechecked', call: message.call, verdict: JSON.stringify(verdict), error: null }),
        (error: unknown) => send({ type: 'rechecked', call: message.call, verdict: null, error: whereOf(error) }),
      );
      return;
  }
}

const verifier = await openVerifier(settings);
onRejection((rejection) => send({ type: 'rejection', rejection }));
guardWorker();
// The thread ends with its pool: what it met in the last second is then met again.
if (settings.journalUrl != null && verifier.pairs.kept.length > 0) {
  const { IdPairs } = await import('../journal/id-pairs.ts');
  await IdPairs.open(settings.journalUrl, verifier.pairs);
}
port.on('message', take);
send({ type: 'ready', digests: verifier.digests });
