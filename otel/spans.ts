/**
 * Traces made after the fact: whether a read's trace is exported is decided when its verdict is known, so a matching
 * read costs no span. Ids are those that were handed on with the requests.
 */
import { type Attributes, context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_PATH,
} from '@opentelemetry/semantic-conventions';
import { faultLink, mismatchesLink } from '../src/base/links.ts';
import type { SideTiming, Verdict } from '../src/types.ts';
import { ATTRIBUTES, EVENTS, SPANS } from './names.ts';

/** Events `shadow.difference` on one root span. */
const EVENTS_AT_MOST = 20;
/** Fault ids on one root span. */
const FAULTS_AT_MOST = 20;

/** Gives out the ids that were decided when the read began, and random ones otherwise. */
export class PreparedIds implements IdGenerator {
  #trace: string | null = null;
  #span: string | null = null;

  prepare(traceId: string | null, spanId: string | null): void {
    this.#trace = traceId;
    this.#span = spanId;
  }

  generateTraceId(): string {
    const prepared = this.#trace;
    this.#trace = null;
    return prepared ?? randomHex(16);
  }

  generateSpanId(): string {
    const prepared = this.#span;
    this.#span = null;
    return prepared ?? randomHex(8);
  }
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
}

/** Writes the tree of one verified read: `shadow.read` with children `primary`, `twin`, `compare`, `recheck`. */
export function exportRead(tracer: Tracer, ids: PreparedIds, verdict: Verdict, publicUrl: string | null = null): void {
  const parent =
    verdict.trace.parentSpanId === null
      ? context.active()
      : trace.setSpanContext(context.active(), {
          traceId: verdict.trace.traceId,
          spanId: verdict.trace.parentSpanId,
          traceFlags: 1,
          isRemote: true,
        });
  const common: Attributes = { [ATTRIBUTES.domain]: verdict.route.domain, [ATTRIBUTES.route]: verdict.route.key };
  ids.prepare(verdict.trace.parentSpanId === null ? verdict.trace.traceId : null, verdict.trace.spanId);
  const root = tracer.startSpan(
    SPANS.read,
    {
      kind: SpanKind.SERVER,
      startTime: verdict.at,
      root: verdict.trace.parentSpanId === null,
      attributes: {
        ...common,
        [ATTRIBUTES.verdict]: verdict.kind,
        [ATTRIBUTES.served]: verdict.served,
        [ATTRIBUTES.rules]: verdict.rulesDigest,
        [ATTRIBUTES.representation]: verdict.representation,
        [ATTRIBUTES.differences]: verdict.differenceCount,
        [ATTR_HTTP_REQUEST_METHOD]: verdict.request.method,
        [ATTR_HTTP_ROUTE]: verdict.route.pattern,
        [ATTR_URL_PATH]: verdict.route.pattern,
        ...(verdict.reason === null ? {} : { [ATTRIBUTES.reason]: verdict.reason }),
        ...(verdict.fingerprint === null ? {} : { [ATTRIBUTES.fingerprint]: verdict.fingerprint }),
        ...(verdict.cause === null ? {} : { [ATTRIBUTES.cause]: verdict.cause.cause }),
        ...faultAttributes(verdict, publicUrl),
        ...(verdict.primary?.status == null ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: verdict.primary.status }),
      },
    },
    parent,
  );
  const inRoot = trace.setSpan(parent, root);
  const client = (name: string, timing: SideTiming | null, spanId: string | null, attributes: Attributes): number => {
    if (timing === null) return verdict.at;
    ids.prepare(null, spanId);
    const span = tracer.startSpan(
      name,
      {
        kind: SpanKind.CLIENT,
        startTime: timing.askedAt,
        attributes: {
          ...common,
          ...attributes,
          [ATTR_HTTP_REQUEST_METHOD]: verdict.request.method,
          ...(timing.status === null ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: timing.status }),
        },
      },
      inRoot,
    );
    const end = timing.askedAt + timing.totalMs;
    failed(span, timing.status);
    span.end(end);
    return end;
  };
  const primaryEnd = client(SPANS.primary, verdict.primary, null, { [ATTRIBUTES.side]: 'primary' });
  const twinEnd = client(SPANS.twin, verdict.twin, verdict.trace.twinSpanId, { [ATTRIBUTES.side]: 'twin' });
  let end = Math.max(primaryEnd, twinEnd);
  if (verdict.compareMs > 0) {
    const compare = tracer.startSpan(SPANS.compare, { startTime: end, attributes: common }, inRoot);
    end += verdict.compareMs;
    compare.end(end);
  }
  const firstLook = end;
  for (const recheck of verdict.rechecks) {
    const askedAt = recheck.primary?.askedAt ?? firstLook + recheck.afterMs;
    const span = tracer.startSpan(SPANS.recheck, { startTime: askedAt, attributes: common }, inRoot);
    const until = Math.max(
      askedAt,
      ...[recheck.primary, recheck.twin].map((side) => (side === null ? 0 : side.askedAt + side.totalMs)),
    );
    span.end(until);
    end = Math.max(end, until);
  }
  for (const difference of verdict.differences.slice(0, EVENTS_AT_MOST)) {
    root.addEvent(
      EVENTS.difference,
      {
        [ATTRIBUTES.path]: difference.path,
        [ATTRIBUTES.kind]: difference.kind,
        [ATTRIBUTES.rule]: difference.rule,
        [ATTRIBUTES.measure]: JSON.stringify(difference.measure),
      },
      firstLook,
    );
  }
  if (verdict.kind === 'twin_error' || verdict.kind === 'twin_timeout') {
    root.setAttribute(ATTR_ERROR_TYPE, verdict.reason ?? verdict.kind);
    root.setStatus({ code: SpanStatusCode.ERROR, message: verdict.kind });
  }
  if (verdict.kind === 'mismatch') root.setStatus({ code: SpanStatusCode.ERROR, message: 'mismatch' });
  root.end(Math.max(end, verdict.at));
}

/** The cause is found before the span is made, so that its faults are known by their ids. */
function faultAttributes({ cause, fingerprint }: Verdict, publicUrl: string | null): Attributes {
  const faults = (cause?.faults ?? []).slice(0, FAULTS_AT_MOST).map(({ id }) => id);
  const [first] = faults;
  const link =
    publicUrl === null
      ? null
      : first !== undefined
        ? faultLink(publicUrl, first)
        : fingerprint !== null
          ? mismatchesLink(publicUrl, fingerprint)
          : null;
  return {
    ...(faults.length === 0 ? {} : { [ATTRIBUTES.faults]: faults }),
    ...(link === null ? {} : { [ATTRIBUTES.link]: link }),
  };
}

function failed(span: Span, status: number | null): void {
  if (status !== null && status < 400) return;
  span.setAttribute(ATTR_ERROR_TYPE, status === null ? 'no_answer' : String(status));
  if (status === null || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}
