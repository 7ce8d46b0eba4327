import type { Stage } from '../aggregate/pipeline.ts';
import { equal } from '../bson/compare.ts';
import { encode } from '../bson/encode.ts';
import { show } from '../bson/show.ts';
import { type Doc, Raw } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import type { Catalog } from '../storage/catalog.ts';
import { eventOf, invalidation } from './change-event.ts';
import type { ChangeLog, Entry } from './change-log.ts';
import { comparePlaces, type Place, tokenOf } from './resume-token.ts';
import { type ChangeStreamSpec, concerns, endsWith } from './spec.ts';

/** What one answer of a stream holds. */
export interface StreamBatch {
  readonly events: readonly Raw[];
  /** Where a stream that is resumed goes on. */
  readonly token: Doc;
  /** Nothing follows: its collection or database is gone. */
  readonly closed: boolean;
}

const BATCH_BYTES = 16 * 1024 * 1024;
const LABEL = 'NonResumableChangeStreamError';

/** One open change stream: a place in the log, and the stages that its events run through. */
export class ChangeStream {
  readonly #log: ChangeLog;
  readonly #catalog: Catalog;
  readonly #spec: ChangeStreamSpec;
  readonly #stage: Stage;
  /** Everything up to here was looked at. */
  #place: Place;
  #mustMeet: boolean;
  /** What the next answer tells clients to resume from. */
  #token: Place;
  #closed = false;
  #killed = false;
  #wake: () => void = () => undefined;

  constructor(log: ChangeLog, catalog: Catalog, spec: ChangeStreamSpec, stage: Stage) {
    this.#log = log;
    this.#catalog = catalog;
    this.#spec = spec;
    this.#stage = stage;
    this.#place = spec.after ?? { time: log.last + 1n, kind: 'before' };
    this.#token = this.#place;
    this.#mustMeet = spec.mustMeet;
    this.#checkHistory();
  }

  /** What is there now, at most so many events. Fails where the log no longer has what comes next. */
  take(most: number): StreamBatch {
    this.#checkHistory();
    const events: Raw[] = [];
    let bytes = 0;
    for (const [place, made] of this.#ahead()) {
      if (events.length >= most || bytes >= BATCH_BYTES) return { events, token: tokenOf(this.#token), closed: false };
      const event = this.#through(made());
      this.#place = place;
      if (event !== undefined) {
        events.push(event);
        bytes += event.bytes.length;
        this.#token = place;
      }
      if (place.kind === 'invalidate') this.#closed = true;
    }
    // All was looked at: a stream that is resumed need not look at it again.
    const end: Place = { time: this.#log.last, kind: 'before' };
    if (!this.#closed && comparePlaces(end, this.#token) > 0) this.#token = end;
    return { events, token: tokenOf(this.#token), closed: this.#closed };
  }

  /** The same, as soon as there is anything, or nothing after so many milliseconds. Fails when it is killed meanwhile. */
  async next(most: number, waitMs: number): Promise<StreamBatch> {
    const until = performance.now() + waitMs;
    for (;;) {
      const batch = this.take(most);
      const left = until - performance.now();
      if (batch.events.length > 0 || batch.closed || left <= 0) return batch;
      await this.#change(left);
      if (this.#killed) throw new MongoError('CursorKilled', 'operation was interrupted');
    }
  }

  kill(): void {
    this.#killed = true;
    this.#wake();
  }

  /** The next write to anything, or the time, or the end. */
  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        leave();
        resolve();
      };
      const leave = this.#log.listen(wake);
      const timer = setTimeout(wake, Math.ceil(ms));
      this.#wake = wake;
    });
  }

  /** The events that come after the place, each made when it is asked for. */
  *#ahead(): Generator<[Place, () => Doc]> {
    for (const entry of this.#log.from(this.#place.time)) {
      if (this.#closed) return;
      if (!concerns(this.#spec, entry)) continue;
      for (const [place, made] of this.#eventsOf(entry)) {
        const order = comparePlaces(place, this.#place);
        if (order === 0) this.#mustMeet = false;
        if (order <= 0) continue;
        if (this.#mustMeet)
          throw failed(
            'ChangeStreamFatalError',
            `cannot resume stream; the resume token was not found. ${show(tokenOf(place))}`,
          );
        yield [place, made];
      }
    }
  }

  *#eventsOf(entry: Entry): Generator<[Place, () => Doc]> {
    yield [{ time: entry.time, kind: 'event' }, () => eventOf(entry, this.#spec, this.#catalog)];
    if (endsWith(this.#spec, entry)) yield [{ time: entry.time, kind: 'invalidate' }, () => invalidation(entry)];
  }

  #through(event: Doc): Raw | undefined {
    const id = event.get('_id');
    const [result] = this.#stage([event]);
    if (result === undefined) return undefined;
    if (!equal(result.get('_id'), id))
      throw failed(
        'ChangeStreamFatalError',
        `Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point. Only transformations that retain the unmodified _id field are allowed. Expected: ${show(new Map([['_id', id ?? null]]))} but found: ${show(result.has('_id') ? new Map([['_id', result.get('_id') ?? null]]) : new Map())}`,
      );
    return new Raw(encode(result));
  }

  #checkHistory(): void {
    if (this.#place.time >= this.#log.first) return;
    throw failed(
      'ChangeStreamHistoryLost',
      'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
    );
  }
}

/** An error that a driver does not answer by resuming. */
function failed(code: 'ChangeStreamFatalError' | 'ChangeStreamHistoryLost', message: string): MongoError {
  return new MongoError(code, message, new Map([['errorLabels', [LABEL]]]));
}
