/**
 * Stored answers as people may see them: folded trees of types, lengths and keyed hashes, with the differing places
 * marked. Values appear only for paths the config lists; keys that no rule names are somebody's data and are hashed.
 */
import type { AnswerNode, AnswerRound } from '../admin/context.ts';
import { isArray, isObject } from '../rules/exact-number.ts';
import { parseJson } from '../rules/parse.ts';
import { isShown, keyedHash, redactValue } from '../rules/redact.ts';
import type { Comparator, Rule } from '../rules/rule.ts';
import type { JsonValue, Verdict } from '../types.ts';
import { type KeptAnswer, openEvidence } from '../verifier/sealed-pair.ts';
import type { Secrets } from './secrets.ts';

/** Children of one node and depth that are shown; the rest is counted. */
const CHILDREN = 200;
const DEPTH = 40;
const STRICT: Rule = { rule: 'strict' };

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
      const rule = comparator === undefined ? STRICT : answer.status < 300 ? comparator.body : comparator.error;
      return nodeOf(bodyOf(answer), rule, '', 0, drawing);
    };
    return { name: round === 0 ? 'First answers' : `Read again, ${round}`, primary: draw(primary), twin: draw(twin) };
  });
}

/** A body that is no JSON (a CSV export, a broken one) is shown as one text. */
function bodyOf(answer: KeptAnswer): JsonValue {
  const parsed = parseJson(answer.body);
  return parsed.ok ? parsed.value : new TextDecoder().decode(answer.body);
}

function nodeOf(value: JsonValue, rule: Rule, path: string, depth: number, drawing: Drawing): AnswerNode {
  const { key, shown, differing } = drawing;
  const { type, length, hash, value: open } = redactValue(value, key, rule.rule !== 'secret' && isShown(path, shown));
  const differs = differing.includes(path);
  const inside = differs || differing.some((one) => one.startsWith(`${path}/`));
  const node = { type, length, hash, differs, inside, ...(open === undefined ? {} : { value: open }) };
  const entries = depth >= DEPTH ? [] : childrenOf(value, rule, key);
  if (entries.length === 0) return node;
  const children = entries
    .slice(0, CHILDREN)
    .map(({ name, child, of }) => [name, nodeOf(child, of, `${path}/${name}`, depth + 1, drawing)] as const);
  return { ...node, children, ...(entries.length > CHILDREN ? { cut: entries.length - CHILDREN } : {}) };
}

interface Child {
  readonly name: string;
  readonly child: JsonValue;
  readonly of: Rule;
}

function childrenOf(value: JsonValue, given: Rule, key: Uint8Array): readonly Child[] {
  const rule = given.rule === 'nullable' ? given.of : given;
  if (isArray(value)) {
    const of = rule.rule === 'list' ? rule.of : STRICT;
    return value.map((child, position) => ({ name: String(position), child, of }));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, child]) => {
    if (rule.rule === 'object' && Object.hasOwn(rule.fields, name))
      return { name, child, of: rule.fields[name] ?? STRICT };
    return { name: `~k${keyedHash(name, key).slice(0, 8)}`, child, of: rule.rule === 'record' ? rule.of : STRICT };
  });
}
