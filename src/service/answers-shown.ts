/**
 * Stored answers as people may see them: folded trees of types, lengths and keyed hashes, with the differing places
 * marked. Values appear only where their rule shows them and for paths the config lists; keys of data are hashed. Opened
 * with the reveal token, they have their values except secrets.
 */
import type { AnswerNode, AnswerRound, OpenedAnswer, OpenedRound } from '../admin/context.ts';
import { isCredentialLike } from '../api/parameter-privacy.ts';
import { isCredential } from '../base/caller.ts';
import { isGood } from '../rules/answers.ts';
import { tableOf } from '../rules/engine/csv.ts';
import { escapeSegment } from '../rules/engine/path.ts';
import { isArray, isObject, numberText } from '../rules/exact-number.ts';
import { COMPARED_HEADERS, headerOf } from '../rules/headers.ts';
import { parseJson } from '../rules/parse.ts';
import { hashedKey, isNameShown, isShown, redactValue } from '../rules/redact.ts';
import type { Comparator } from '../rules/rule.ts';
import { mayShow, NOTHING_SHOWN, type Place, placeBelow, showingOf, topOf } from '../rules/shown.ts';
import { rowsOf } from '../rules/walk.ts';
import type { JsonValue, RawHeaders, Verdict } from '../types.ts';
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
  /** True: all values and names are shown, except secrets. */
  readonly open: boolean;
}

type Told = Omit<Verdict, 'evidence'>;
/** By route key: their rules say which keys of an answer belong to its form, and which are data. */
type Comparators = ReadonlyMap<string, Comparator>;

/** The first pair and every later reading; null where the evidence cannot be opened. */
export function redactedAnswers(
  sealed: Uint8Array,
  verdict: Told,
  secrets: Secrets,
  shown: readonly string[],
  comparators: Comparators,
): readonly AnswerRound[] | null {
  let pairs: readonly { readonly primary: KeptAnswer; readonly twin: KeptAnswer }[];
  try {
    ({ pairs } = openEvidence(sealed, secrets.evidenceKey, Date.now()));
  } catch {
    return null;
  }
  const drawing = { key: secrets.redactionKey, shown, differing: pathsOf(verdict), open: false };
  const draw = (answer: KeptAnswer): AnswerNode => drawn(answer, comparators.get(verdict.route.key), drawing);
  return pairs.map(({ primary, twin }, round) => ({ name: nameOf(round), primary: draw(primary), twin: draw(twin) }));
}

/** The same with the values, less secrets. @throws ShadowError SHADOW_KEY where the evidence cannot be opened */
export function openedAnswers(
  sealed: Uint8Array,
  verdict: Told,
  secrets: Pick<Secrets, 'evidenceKey' | 'redactionKey'>,
  shown: readonly string[],
  comparators: Comparators,
): readonly OpenedRound[] {
  const { pairs } = openEvidence(sealed, secrets.evidenceKey, Date.now());
  const comparator = comparators.get(verdict.route.key);
  const drawing = { key: secrets.redactionKey, shown, differing: pathsOf(verdict), open: true };
  const open = (answer: KeptAnswer): OpenedAnswer => ({
    status: answer.status,
    headers: fieldsOf(answer.rawHeaders, comparator),
    body: drawn(answer, comparator, drawing),
  });
  return pairs.map(({ primary, twin }, round) => ({ name: nameOf(round), primary: open(primary), twin: open(twin) }));
}

const nameOf = (round: number): string => (round === 0 ? 'First answers' : `Read again, ${round}`);
const pathsOf = ({ differences }: Told): readonly string[] => differences.map(({ path }) => path);

/** The text that replaces a value that is never shown. */
const SECRET = '(secret)';

/** The fields that are compared, less credentials. */
function fieldsOf(raw: RawHeaders, comparator: Comparator | undefined): Readonly<Record<string, string>> {
  const rules = comparator?.headerRules ?? {};
  const fields: Record<string, string> = {};
  for (const name of [...COMPARED_HEADERS, ...(comparator?.headers ?? []), ...Object.keys(rules)]) {
    const value = headerOf(raw, name);
    if (value === null) continue;
    const secret = rules[name]?.rule === 'secret' || isCredential(name) || isCredentialLike(name, value);
    fields[name] = secret ? SECRET : value;
  }
  return fields;
}

function drawn(answer: KeptAnswer, comparator: Comparator | undefined, drawing: Drawing): AnswerNode {
  const { body } = comparator === undefined ? NOTHING_SHOWN : showingOf(comparator, isGood(answer.status));
  const [value, place] = bodyOf(answer, body);
  return nodeOf(value, { name: '', path: '', plain: '' }, place, 0, drawing);
}

/** A table by its rows, as its rule sees it. A body that is neither JSON nor that is shown as one text. */
function bodyOf(answer: KeptAnswer, place: Place): readonly [JsonValue, Place] {
  const parsed = parseJson(answer.body);
  const text = (): string => new TextDecoder().decode(answer.body);
  if (place.rule?.rule === 'csv') {
    const table = tableOf(text(), place.rule.separator);
    if (table !== null) return [table.rows, topOf(rowsOf(place.rule))];
  }
  return [parsed.ok ? parsed.value : text(), place];
}

/** Where a value stands. */
interface Spot {
  /** The last name of it. */
  readonly name: string;
  /** The pointer by which differences are told, with keys of data hashed. */
  readonly path: string;
  /** The same with all keys, as differences were told if the config showed them at the time. */
  readonly plain: string;
}

function nodeOf(value: JsonValue, spot: Spot, place: Place, depth: number, drawing: Drawing): AnswerNode {
  const { key, shown, differing, open } = drawing;
  const { name, path, plain } = spot;
  const entries = depth >= DEPTH ? [] : childrenOf(value, place, path, drawing);
  const absent = depth >= DEPTH ? [] : absentFrom(value, spot, entries, differing);
  const redacted = redactValue(value, key, mayShowNode(value, place, path, shown) ? place : undefined);
  const differs = differing.includes(path) || differing.includes(plain);
  const inside = differs || differing.some((one) => one.startsWith(`${path}/`) || one.startsWith(`${plain}/`));
  const said = open && entries.length === 0 ? { value: openedValue(value, name, place) } : {};
  const node = { ...redacted, ...said, differs, inside };
  if (entries.length === 0 && absent.length === 0) return node;
  const children = entries.slice(0, CHILDREN).map(({ name: inner, segment, child, at }) => {
    const below = { name: inner, path: `${path}/${segment}`, plain: `${plain}/${escapeSegment(inner)}` };
    return [open ? inner : segment, nodeOf(child, below, at, depth + 1, drawing)] as const;
  });
  const all = [...absent.map((segment) => [segment, ABSENT] as const), ...children];
  return { ...node, children: all, ...(entries.length > CHILDREN ? { cut: entries.length - CHILDREN } : {}) };
}

const ABSENT: AnswerNode = Object.freeze({ type: 'absent', length: null, hash: null, differs: true, inside: true });

/** What the other side has in this object or list and this one has not. */
function absentFrom(
  value: JsonValue,
  { path, plain }: Spot,
  entries: readonly Child[],
  differing: readonly string[],
): readonly string[] {
  if (!isObject(value) && !isArray(value)) return [];
  const there = new Set(entries.flatMap(({ name, segment }) => [segment, escapeSegment(name)]));
  const below = [...new Set([path, plain])].flatMap((above) =>
    differing.filter((one) => one.startsWith(`${above}/`)).map((one) => one.slice(above.length + 1)),
  );
  return [...new Set(below)].filter((segment) => !segment.includes('/') && !there.has(segment)).slice(0, CHILDREN);
}

function mayShowNode(value: JsonValue, place: Place, path: string, shown: readonly string[]): boolean {
  return place.rule?.rule !== 'secret' && (isShown(path, shown) || mayShow(place, value));
}

/** The value, or `SECRET` for what a rule calls secret or what looks like a credential by its name or form. */
function openedValue(value: JsonValue, name: string, place: Place): JsonValue {
  if (value === null || (isArray(value) && value.length === 0)) return value;
  const text = typeof value === 'string' ? value : '';
  if (place.rule?.rule === 'secret' || isCredentialLike(name, text)) return SECRET;
  // Empty, or nested too deep.
  if (isObject(value) || isArray(value)) return Object.keys(value).length === 0 ? value : '…';
  return typeof value === 'object' ? (numberText(value) ?? SECRET) : value;
}

interface Child {
  readonly name: string;
  /** A segment as a redacted path has it. */
  readonly segment: string;
  readonly child: JsonValue;
  readonly at: Place;
}

/** A secret has no children: what lies in it is secret too. */
function childrenOf(value: JsonValue, place: Place, path: string, { key, shown }: Drawing): readonly Child[] {
  if (place.rule?.rule === 'secret') return [];
  if (isArray(value)) {
    return value.map((child, i) => ({ name: String(i), segment: String(i), child, at: placeBelow(place, String(i)) }));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, child]) => {
    const segment = escapeSegment(name);
    const named = isNameShown(place, name) || isShown(`${path}/${segment}`, shown);
    return { name, segment: named ? segment : hashedKey(name, key), child, at: placeBelow(place, name) };
  });
}
