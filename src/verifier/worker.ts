/**
 * The worker's entry: wires stage 3 to the messages of stage 2. Takes batches of exchanges, verifies each, reports in
 * batches of its own, and beats so that the main thread knows its loop is alive.
 */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type OpenVerifier, openVerifier } from './open.ts';
import {
  decodeBatch,
  type FromWorker,
  type JobId,
  readWorkerData,
  type ToWorker,
  type VerdictBody,
} from './protocol.ts';
import { type Hooks, whereOf } from './verify.ts';

const port = parentPort;
if (port === null) throw new Error('this is the entry of a worker thread');
const { settings, beats, beatMs } = readWorkerData(workerData);

/** On Linux a thread has a niceness of its own: verifying yields to serving. Elsewhere, or not allowed: it does not. */
try {
  if (process.platform === 'linux') setPriority(0, Math.min(settings.niceness, constants.priority.PRIORITY_LOW));
} catch {
  // Not allowed here; the limits of the main thread still hold.
}

let lateMs = 0;
let expected = performance.now() + beatMs;
setInterval(() => {
  const now = performance.now();
  lateMs = Math.max(0, now - expected);
  expected = now + beatMs;
  Atomics.add(beats, 0, 1);
}, beatMs);

type Report = Extract<FromWorker, { type: 'report' }>;

let asked: Report['asked'][number][] = [];
let wishes: Report['wishes'][number][] = [];
let verdicts: VerdictBody[] = [];
let evidence: (readonly [JobId, Uint8Array])[] = [];
let reporting = false;

/** What comes within a millisecond goes out as one message: taking one costs the main thread more than what is in it. */
function reportSoon(): void {
  if (reporting) return;
  reporting = true;
  setTimeout(() => {
    reporting = false;
    const report: Report = {
      type: 'report',
      asked,
      wishes,
      verdicts: verdicts.length === 0 ? '' : JSON.stringify(verdicts),
      evidence,
    };
    asked = [];
    wishes = [];
    verdicts = [];
    evidence = [];
    send(report);
  }, 1);
}

function send(message: FromWorker): void {
  port?.postMessage(message);
}

/** Wishes to read again that have no answer yet. */
const waiting = new Map<JobId, (granted: boolean) => void>();

function hooksOf(job: JobId): Hooks {
  return {
    asked: (outcome, ms, resent) => {
      asked.push({ job, outcome, ms: Math.max(0, ms - lateMs), resent });
      reportSoon();
    },
    readAgain: (round, bytes, waitMs) =>
      new Promise((resolve) => {
        waiting.set(job, resolve);
        wishes.push({ job, round, bytes, waitMs });
        reportSoon();
      }),
  };
}

function answer(jobs: readonly JobId[], granted: boolean): void {
  for (const job of jobs) {
    const resolve = waiting.get(job);
    waiting.delete(job);
    resolve?.(granted);
  }
}

function take(message: ToWorker, verifier: OpenVerifier): void {
  switch (message.type) {
    case 'batch':
      for (const job of decodeBatch(message.batch)) {
        void verifier.verify(job, hooksOf(job.id)).then((outcome) => {
          verdicts.push({ ...outcome.body, job: job.id });
          if (outcome.evidence !== null) evidence.push([job.id, outcome.evidence]);
          reportSoon();
        });
      }
      return;
    case 'granted':
      answer(message.jobs, true);
      return;
    case 'denied':
      answer(message.jobs, false);
      return;
    case 'lag':
      verifier.setLag(message.ms);
      return;
    case 'ask_again':
      void verifier.askAgain(message.evidence, message.credentials).then(
        (verdict) => send({ type: 'asked_again', call: message.call, verdict: JSON.stringify(verdict), error: null }),
        (error: unknown) => send({ type: 'asked_again', call: message.call, verdict: null, error: whereOf(error) }),
      );
      return;
  }
}

const verifier = await openVerifier(settings);
port.on('message', (message: ToWorker) => take(message, verifier));
send({ type: 'ready', digests: verifier.digests });
