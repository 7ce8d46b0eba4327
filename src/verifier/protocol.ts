/**
 * What crosses between the main thread and a worker. Heads travel as one JSON string, bodies as one transferred buffer:
 * a structured clone of many small objects costs more than the compare of a small answer.
 */

import type { Rejection } from '../base/rejections.ts';
import type { Exchange, RawHeaders, Representation, Side, Verdict } from '../types.ts';
import type { Batch } from './batch.ts';
import type { VerifierSettings } from './settings.ts';

export { type Batch, decodeBatch, encodeBatch, type JobOfChunks } from './batch.ts';
export { decodeEnds } from './ends.ts';
export type { MemorySettings, PrimaryTimeouts, SettleSettings, VerifierSettings } from './settings.ts';
export { SharedRate } from './shared-rate.ts';
export { Slots } from './slots.ts';

/** What a worker is started with. */
export interface WorkerData {
  readonly settings: VerifierSettings;
  /** Counted up by the worker while its loop turns. */
  readonly beats: Int32Array;
  readonly beatMs: number;
  /** The same while it has no read. */
  readonly idleBeatMs: number;
  /** Of `Slots`: what it shares with the main thread. */
  readonly slots: SharedArrayBuffer;
  /** Of `SharedRate`: what all workers share. */
  readonly rates: Readonly<Record<Side, SharedArrayBuffer>>;
}

/** @throws Error where it is not what `WorkerData` says: the worker was not started by its pool. */
export function readWorkerData(given: unknown): WorkerData {
  if (isWorkerData(given)) return given;
  throw new Error('a verifier worker is started by its pool, with settings, beats, slots and rates');
}

function isWorkerData(given: unknown): given is WorkerData {
  if (typeof given !== 'object' || given === null) return false;
  if (!('settings' in given && 'beats' in given && 'beatMs' in given && 'idleBeatMs' in given)) return false;
  if (!('slots' in given && 'rates' in given)) return false;
  const { settings, beats, beatMs, idleBeatMs, slots, rates } = given;
  return (
    typeof settings === 'object' &&
    settings !== null &&
    'api' in settings &&
    'primaryUrl' in settings &&
    'twinUrl' in settings &&
    beats instanceof Int32Array &&
    typeof beatMs === 'number' &&
    typeof idleBeatMs === 'number' &&
    slots instanceof SharedArrayBuffer &&
    typeof rates === 'object' &&
    rates !== null &&
    'primary' in rates &&
    'twin' in rates
  );
}

/** Number of a read within this process; small, since both threads send it. */
export type JobId = number;

/** One read for a worker to verify. */
export interface Job {
  readonly id: JobId;
  readonly exchange: Exchange;
  readonly representation: Representation;
  /** True: the primary is also read once more, as a control. */
  readonly control: boolean;
  /** The client got 304: the primary is asked for the whole answer first, and that is what is compared. */
  readonly whole: boolean;
}

/** Where a read that was handed ahead of need waits, see `Slots`. */
export type Place = readonly [cell: number, level: number];

export type ToWorker =
  /** Reads ahead of need; `places` are theirs, in order. */
  | { readonly type: 'batch'; readonly batch: Batch; readonly places: readonly Place[] }
  /** Limits may have risen; `heard`: how many reports of a failing side were received. */
  | { readonly type: 'go'; readonly heard: number }
  /** Answers to `ReadAgain` wishes: job ids, in the order granted. */
  | { readonly type: 'granted'; readonly jobs: readonly JobId[] }
  | { readonly type: 'denied'; readonly jobs: readonly JobId[] }
  /** The sync's lag as measured, milliseconds. */
  | { readonly type: 'lag'; readonly ms: number }
  /** An evidence epoch begins: earlier matches are forgotten. */
  | { readonly type: 'forget' }
  | {
      readonly type: 'recheck';
      readonly call: number;
      readonly evidence: Uint8Array;
      /** The caller's credential fields, where they are still in memory. */
      readonly credentials: RawHeaders;
    };

export type FromWorker =
  | {
      readonly type: 'ready';
      /** Rules digest by route key. */
      readonly digests: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'report';
      /** `Asked[]` as numbers. */
      readonly ends: Float64Array;
      /** A side fails: the worker asks no more until it receives `go`. */
      readonly ill: boolean;
      /** Matches that were known from the memory, since the last report. */
      readonly remembered: number;
      readonly wishes: readonly ReadAgain[];
      /** `VerdictBody[]` as JSON. */
      readonly verdicts: string;
      /** Sealed evidence of those verdicts that have some, by job. */
      readonly evidence: readonly (readonly [JobId, Uint8Array])[];
    }
  | {
      readonly type: 'rechecked';
      readonly call: number;
      readonly verdict: string | null;
      readonly error: string | null;
    }
  | { readonly type: 'rejection'; readonly rejection: Rejection };

/**
 * How a request to a side ended: answered, never sent, or with what says that the side is ill. An answer that is wrong is
 * an answer.
 */
export type RequestOutcome =
  | 'ok'
  | 'none'
  | 'connection'
  | 'reset'
  | 'timeout'
  | 'status_5xx'
  | 'protocol'
  | 'status_429';

/** A request to the shadowed side has come to its end: its slot is free. */
export interface RequestEnd {
  readonly job: JobId;
  readonly outcome: RequestOutcome;
  /** It was sent again on a fresh connection: the kept one was reset before it brought anything. */
  readonly resent: boolean;
  /** To the headers, milliseconds, less what the worker's own loop was late. */
  readonly ms: number;
  /** All slots of the worker's share were in use. */
  readonly full: boolean;
}

/** A pair that differs wants both sides read again. */
export interface ReadAgain {
  readonly job: JobId;
  /** Which reading again this is, from 1. */
  readonly round: number;
  /** More bytes that this read holds from now on (the shadowed side's answer); 0 after the first time. */
  readonly bytes: number;
  /** For how many milliseconds it can wait. */
  readonly waitMs: number;
}

/** What a worker reports about a read; the main thread knows the rest. */
export type VerdictBody = Omit<
  Verdict,
  'exchangeId' | 'route' | 'served' | 'at' | 'trace' | 'overheadMs' | 'evidence' | 'representation'
> & { readonly job: JobId; readonly representation: Representation };
