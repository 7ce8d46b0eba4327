import { listPathOf, pageParameterOf } from '../api/page.ts';
import { isKnownParameter, type RouteEntry } from '../api/route.ts';
import { shapeOf, undeclaredOf } from '../api/shape.ts';
import { fieldOf } from '../base/fields.ts';
import { isEmptyAt } from '../rules/text-meaning.ts';
import type { JsonValue, Verdict } from '../types.ts';
import type { ReadAnswer } from './answers.ts';
import type { Hashes } from './hashes.ts';
import { memberOf } from './judge-rounds.ts';
import type { Match } from './memory.ts';
import type { Reading } from './reading.ts';
import { saidOfData } from './said-of-data.ts';
import type { ShownParameters } from './settings.ts';
import { shownTarget } from './shown-target.ts';
import type { VerdictDraft } from './verdict-draft.ts';

/** A verdict without what only the main thread knows, and without the sealed evidence, which travels apart. */
export type VerdictBody = Omit<Verdict, 'exchangeId' | 'route' | 'served' | 'at' | 'trace' | 'overheadMs' | 'evidence'>;

export interface Outcome {
  readonly body: VerdictBody;
  readonly evidence: Uint8Array | null;
  /** It was known from the memory of matches. */
  readonly remembered: boolean;
}

/** Puts the verdict together. Shape and hashes come from the answer of the served side, which always exists. */
export function bodyOf(reading: Reading, found: VerdictDraft, hashes: Hashes, show: ShownParameters): VerdictBody {
  return { ...(found.said ?? saidBy(reading, found, hashes, show)), ...learnt(reading, found) };
}

/** Tells what a pair that agrees says, and holds its answers no longer. */
export function sayAtOnce(reading: Reading, found: VerdictDraft, hashes: Hashes, show: ShownParameters): void {
  found.said = saidBy(reading, found, hashes, show);
  found.primaryTiming = found.primary?.timing ?? null;
  found.twinTiming = found.twin?.timing ?? null;
  found.primary = null;
  found.twin = null;
}

/** What the question and the two answers say by themselves. */
function saidBy(reading: Reading, found: VerdictDraft, hashes: Hashes, show: ShownParameters): Match {
  const { request, answer, served } = reading.exchange;
  const { entry } = reading.route;
  const main = found[served];
  const callerHash = hashes.caller(reading);
  const undeclared = undeclaredOf(reading.query.keys(), (name) => isKnown(entry, name));
  return {
    twinBuild: found.twin === null ? null : fieldOf(found.twin.rawHeaders, 'x-twin-build'),
    shape: shapeOf(entry, request, answer.status, { pastEnd: isPastEnd(reading, main) }),
    entityHash: hashes.entity(reading),
    answerHash: main === null ? '' : answerHashOf(reading, main, hashes),
    ...(callerHash === null ? {} : { callerHash }),
    ...(undeclared.length === 0 ? {} : { undeclared }),
    request: { method: request.method, target: shownTarget(reading, hashes, show) },
  };
}

function answerHashOf(reading: Reading, answer: ReadAnswer, hashes: Hashes): string {
  const { route, query } = reading;
  const said = { fields: route.fieldsMeaning(answer), body: route.meaning(answer, query) ?? answer.bytes };
  const { fields, body } = saidOfData(reading, answer, said);
  return hashes.answer(answer.status, fields, body);
}

/** What was learnt by asking and comparing. */
function learnt(reading: Reading, found: VerdictDraft): Omit<VerdictBody, keyof Match> {
  return {
    representation: reading.representation,
    kind: found.kind,
    reason: found.reason,
    rulesDigest: reading.route.digest,
    differences: found.differences,
    differenceCount: found.differenceCount,
    fatal: found.fatal,
    fingerprint: found.fingerprint,
    patterns: found.patterns,
    cause: found.cause,
    primary: found.primary?.timing ?? found.primaryTiming,
    twin: found.twin?.timing ?? found.twinTiming,
    compareMs: found.compareMs,
    rechecks: found.rechecks,
    settleMs: found.settleMs,
    control: found.control,
    ...(found.whole ? { whole: true } : {}),
    detail: found.detail,
  };
}

function isKnown(entry: RouteEntry, name: string): boolean {
  return Object.hasOwn(entry.query, name) || isKnownParameter(entry.ignoredQuery ?? [], name);
}

/** A page list that is empty though it is not the first page. */
function isPastEnd({ query, route }: Reading, answer: ReadAnswer | null): boolean {
  const parameter = pageParameterOf(route.entry);
  const page = parameter === null ? undefined : query.get(parameter);
  if (page === undefined || page === '1' || answer === null) return false;
  const path = listPathOf(route.entry.comparator.body);
  if (path === null) return false;
  const told = answer.unread == null ? null : isEmptyAt(answer.unread, path);
  if (told !== null) return told;
  if (answer.content.media !== 'json') return false;
  const list = path.reduce<JsonValue | undefined>(memberOf, answer.content.value);
  return Array.isArray(list) && list.length === 0;
}
