/** What each name in names.ts means, for the reference page. */
import type { ATTRIBUTES, EVENTS, LABELS, SPANS } from './names.ts';

export const SPAN_MEANINGS: Readonly<Record<keyof typeof SPANS, string>> = {
  read: 'Root: one verified read, from its arrival to its verdict. It continues the trace of the client.',
  primary: 'The request to the primary, from asking to the last byte.',
  twin: 'The request to the twin, likewise. The twin receives this span as the parent in `traceparent`.',
  compare: 'Decoding and comparing the two answers.',
  recheck: 'One time that both sides were read again. There is one span for each.',
};

export const EVENT_MEANINGS: Readonly<Record<keyof typeof EVENTS, string>> = {
  difference: 'One difference, on the root span; the first 20 of a read.',
};

interface AttributeMeaning {
  /** The spans or the event that carry it. */
  readonly on: string;
  readonly meaning: string;
}

export const ATTRIBUTE_MEANINGS: Readonly<Record<keyof typeof ATTRIBUTES, AttributeMeaning>> = {
  domain: { on: 'all spans', meaning: 'Domain of the route.' },
  route: { on: 'all spans', meaning: 'Route key: method and path pattern.' },
  verdict: { on: 'root', meaning: 'Verdict of the read.' },
  reason: { on: 'root', meaning: 'Why it was skipped or failed; absent otherwise.' },
  fingerprint: { on: 'root', meaning: 'Fingerprint of a mismatch; absent otherwise.' },
  cause: { on: 'root', meaning: 'Cause of a mismatch; absent where none was looked for.' },
  faults: {
    on: 'root',
    meaning: 'Ids of the faults that explain a mismatch, 20 at most; absent where there are none.',
  },
  link: { on: 'root', meaning: 'Page of its first fault, else of its fingerprint; absent without `admin.publicUrl`.' },
  differences: { on: 'root', meaning: 'Number of differences.' },
  side: { on: 'primary, twin', meaning: '`primary` or `twin`.' },
  served: { on: 'root', meaning: 'The side whose answer the client got.' },
  rules: { on: 'root', meaning: 'Rules digest of the comparator.' },
  representation: { on: 'root', meaning: 'In whose forms the twin answered.' },
  path: { on: 'event', meaning: 'JSON pointer to the value; keys that no rule names are `~k` and a hash.' },
  kind: { on: 'event', meaning: '`missing`, `extra`, `value`, `type`, `order`, `status` or `header`.' },
  rule: { on: 'event', meaning: 'The rule that found it.' },
  measure: { on: 'event', meaning: 'How the values differ, as JSON and without the values.' },
};

export const LABEL_MEANINGS: Readonly<Record<keyof typeof LABELS, string>> = {
  domain: 'Domain of the route; `unknown` where no route matches.',
  route: 'Route key, such as `GET /api/payments/:id`.',
  verdict: 'What became of the read.',
  reason: 'Why it was skipped or failed; empty otherwise.',
  side: '`primary` or `twin`.',
  served: 'The side whose answer the client got.',
  stage: 'The part of the code in which the exception was thrown.',
  believed: '`true` where the sender is trusted (`loop.trust`, `loop.secretFile`), else `false`.',
  cause: 'Cause of the fault: `known_gap`, `missing_row`, `extra_row`, `data_drift`, `twin_logic`, `unknown`.',
  fatal: '`true` where the fault is of money, an identity or a whole row, else `false`.',
};
