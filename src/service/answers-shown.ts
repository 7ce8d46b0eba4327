/**
 * Stored answers as people may see them: folded trees of types, lengths and keyed hashes, with the differing places
 * marked. Values appear only where their rule shows them and for paths the config lists; keys of data are hashed.
 */
import type { AnswerNode, AnswerRound } from '../admin/context.ts';
import { isGood } from '../rules/answers.ts';
import { escapeSegment } from '../rules/engine/path.ts';
import { isArray, isObject } from '../rules/exact-number.ts';
import { parseJson } from '../rules/parse.ts';
import { hashedKey, isNameShown, isShown, redactValue } from '../rules/redact.ts';
import type { Comparator } from '../rules/rule.ts';
import { mayShow, NOTHING_SHOWN, type Place, placeBelow, showingOf } from '../rules/shown.ts';
import type { JsonValue, Verdict } from '../types.ts';
import { type KeptAnswer, openEvidence } from '../verifier/sealed-pair.ts';
import type { Secrets } from './secrets.ts';

/** Children of one node and depth that are shown; the rest is counted. */
const CHILDREN = 200;
const DEPTH = 40;

interface Drawing {
  readonly key: Uint8Array;
  readonly shown: readonly string[];
  /** Redacted pointers at which the two differ. */
  readonly differing: readonly string[];
}

/** The first pair and every reading again; null where the evidence cannot be opened. */
export function redactedAnswers(
  sealed: Uint8Array,
  verdict: Omit<Verdict, 'evidence'>,
  secrets: Secrets,
  shown: readonly string[],
  /** By route key: they say which keys of an answer are its form, and which are data. */
  comparators: ReadonlyMap<string, Comparator>,
): readonly AnswerRound[] | null {
  let pairs: readonly { readonly primary: KeptAnswer; readonly twin: KeptAnswer }[];
  try {
    ({ pairs } = openEvidence(sealed, secrets.evidenceKey, Date.now()));
  } catch {
    return null;
  }
  const comparator = comparators.get(verdict.route.key);
  const drawing: Drawing = { key: secrets.redactionKey, shown, differing: verdict.differences.map(({ path }) => path) };
  return pairs.map(({ primary, twin }, round) => {
    const draw = (answer: KeptAnswer): AnswerNode => {
      const { body } = comparator === undefined ? NOTHING_SHOWN : showingOf(comparator, isGood(answer.status));
      return nodeOf(bodyOf(answer), body, '', 0, drawing);
    };
    return { name: round === 0 ? 'First answers' : `Read again, ${round}`, primary: draw(primary), twin: draw(twin) };
  });
}

/** A body that is no JSON (a CSV export, a broken one) is shown as one text. */
function bodyOf(answer: KeptAnswer): JsonValue {
  const parsed = parseJson(answer.body);
  return parsed.ok ? parsed.value : new TextDecoder().decode(answer.body);
}

function nodeOf(value: JsonValue, place: Place, path: string, depth: number, drawing: Drawing): AnswerNode {
  const { key, shown, differing } = drawing;
  const secret = place.rule?.rule === 'secret';
  const shows = !secret && (isShown(path, shown) || mayShow(place, value));
  const { type, length, hash, value: open } = redactValue(value, key, shows ? place : undefined);
  const differs = differing.includes(path);
  const inside = differs || differing.some((one) => one.startsWith(`${path}/`));
  const node = { type, length, hash, differs, inside, ...(open === undefined ? {} : { value: open }) };
  const entries = depth >= DEPTH ? [] : childrenOf(value, place, path, drawing);
  if (entries.length === 0) return node;
  const children = entries
    .slice(0, CHILDREN)
    .map(({ name, child, at }) => [name, nodeOf(child, at, `${path}/${name}`, depth + 1, drawing)] as const);
  return { ...node, children, ...(entries.length > CHILDREN ? { cut: entries.length - CHILDREN } : {}) };
}

interface Child {
  readonly name: string;
  readonly child: JsonValue;
  readonly at: Place;
}

function childrenOf(value: JsonValue, place: Place, path: string, { key, shown }: Drawing): readonly Child[] {
  if (isArray(value)) {
    return value.map((child, i) => ({ name: String(i), child, at: placeBelow(place, String(i)) }));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, child]) => {
    const segment = escapeSegment(name);
    const named = isNameShown(place, name) || isShown(`${path}/${segment}`, shown);
    return { name: named ? segment : hashedKey(name, key), child, at: placeBelow(place, name) };
  });
}
