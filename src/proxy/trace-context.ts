/**
 * The trace of a read: the client's, continued, or a new one (W3C Trace Context, level 1, section 3.2.2: a traceparent
 * that cannot be read is as if none had been sent).
 */
import { randomFillSync } from 'node:crypto';
import type { TraceIds } from '../types.ts';

const VERSION_00 = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** A later version may append fields after a dash; `ff` is forbidden. */
const LATER_VERSION = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** The ids of one read. `traceparent` is the client's field, or null where there was none (or more than one). */
export function traceOf(traceparent: string | null): TraceIds {
  if (traceparent !== null && traceparent.length >= 55) {
    const found = traceparent.startsWith('00-') ? VERSION_00.exec(traceparent) : LATER_VERSION.exec(traceparent);
    const traceId = found?.[1];
    const parentSpanId = found?.[2];
    const flags = found?.[3];
    if (traceId !== undefined && parentSpanId !== undefined && flags !== undefined) {
      if (traceId !== NO_TRACE && parentSpanId !== NO_SPAN) {
        const sampled = (Number.parseInt(flags, 16) & 1) === 1;
        return { traceId, parentSpanId, spanId: randomHex(8), twinSpanId: randomHex(8), sampled };
      }
    }
  }
  // One reading of random bytes for all three.
  const ids = randomHex(32);
  const traceId = ids.slice(0, 32);
  const spanId = ids.slice(32, 48);
  const twinSpanId = ids.slice(48);
  if (traceId === NO_TRACE || spanId === NO_SPAN || twinSpanId === NO_SPAN) return traceOf(null);
  return { traceId, parentSpanId: null, spanId, twinSpanId, sampled: true };
}

// One call into the kernel's generator fills ids for hundreds of reads.
const pool = Buffer.allocUnsafe(8192);
let used = pool.length;

/** Random lower-case hex of so many bytes, never all zero. */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const from = used;
  used += bytes;
  const hex = pool.toString('hex', from, used);
  return hex.length === bytes * 2 && !/^0+$/.test(hex) ? hex : randomHex(bytes);
}
