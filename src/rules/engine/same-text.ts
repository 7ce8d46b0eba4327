/** Comparing the primary's value with the twin's JSON text, where no rule says more than "the same". */
import { isArray, isObject, type JsonArray, type JsonObject } from '../exact-number.ts';
import { parseCanonicalInstant } from '../instant.ts';
import type { Equal, EqualText, Json } from './node.ts';
import { learnedKey, QuotedKey } from './quoted-key.ts';
import { isObjectId } from './run.ts';
import { blobEqual, strictEqual } from './strict.ts';
import { BRACE, BRACE_END, BRACKET, BRACKET_END, type TextReader, unsure } from './text-reader.ts';

/** As the rule compares, of a value that is made of the text unless it is the same string. */
export function leafText(equal: Equal, plain: boolean): EqualText {
  return plain
    ? (primary, twin, run, parent) =>
        (typeof primary === 'string' && twin.takes(primary)) || equal(primary, twin.value(), run, parent)
    : (primary, twin, run, parent) => equal(primary, twin.value(), run, parent);
}

/** As `strictEqual`. */
export function strictText(primary: Json, twin: TextReader): boolean {
  return sameText(primary, twin, strictEqual, ROOT);
}

/** As `blobEqual`. */
export function blobText(primary: Json, twin: TextReader): boolean {
  return sameText(primary, twin, blobEqual, ROOT);
}

type Same = typeof strictEqual;

/** Stands for the key of a value that has none. */
const ROOT = new QuotedKey('');

/** `owner`: the key that it is the value of. */
function sameText(primary: Json, twin: TextReader, same: Same, owner: QuotedKey | null): boolean {
  if (typeof primary === 'string') {
    if (twin.takes(primary) || (same === blobEqual && twin.peek() === BRACE && takesExtended(primary, twin)))
      return true;
  } else if (typeof primary === 'object') {
    const code = twin.peek();
    if (code === BRACKET && isArray(primary)) return sameElements(primary, twin, same, owner);
    if (code === BRACE && isObject(primary) && !twin.isExtended()) return sameMembers(primary, twin, same, owner);
  }
  return same(primary, twin.value());
}

function sameElements(primary: JsonArray, twin: TextReader, same: Same, owner: QuotedKey | null): boolean {
  if (!twin.opens(BRACKET_END)) return primary.length === 0;
  let i = 0;
  do {
    if (i === primary.length || !sameText(primary[i], twin, same, owner)) return false;
    i++;
  } while (twin.goesOn(BRACKET_END));
  return i === primary.length;
}

/** Of two members of one name the last one counts: that is left to the values. */
function sameMembers(primary: JsonObject, twin: TextReader, same: Same, owner: QuotedKey | null): boolean {
  let members = 0;
  for (const _ in primary) members++;
  if (!twin.opens(BRACE_END)) return members === 0;
  if (members > MANY) unsure();
  const met: string[] = [];
  let expected = owner?.first ?? null;
  let before: QuotedKey | null = null;
  do {
    let quoted = expected;
    let key: string;
    if (quoted !== null && twin.takesKey(quoted)) key = quoted.key;
    else {
      key = twin.key();
      quoted = learnedKey(key);
      if (before !== null) before.next = quoted;
      else if (owner !== null && met.length === 0) owner.first = quoted;
    }
    if (met.length === members || met.includes(key)) unsure();
    met.push(key);
    const value = primary[key];
    // What is no own member may be the prototype's: an object or a function, which no text is equal to.
    if (value === undefined || (typeof value === 'object' && !Object.hasOwn(primary, key))) return false;
    if (!sameText(value, twin, same, quoted)) return false;
    before = quoted;
    expected = quoted?.next ?? null;
  } while (twin.goesOn(BRACE_END));
  return met.length === members;
}

/** More members than this are not looked through for each one. */
export const MANY = 40;

const OID = new QuotedKey('$oid');
const DATE = new QuotedKey('$date');
const LONG = new QuotedKey('$numberLong');

/** True where an id or a date in Extended JSON comes next that the primary prints as this text. False decides nothing. */
function takesExtended(primary: string, twin: TextReader): boolean {
  const mark = twin.mark();
  if (twin.opens(BRACE_END)) {
    const is = twin.takesKey(OID) ? isObjectId(primary) && twin.takes(primary) : takesDate(primary, twin);
    if (is && twin.peek() === BRACE_END && !twin.goesOn(BRACE_END)) return true;
  }
  twin.back(mark);
  return false;
}

function takesDate(primary: string, twin: TextReader): boolean {
  if (!twin.takesKey(DATE) || twin.peek() !== BRACE || !twin.opens(BRACE_END) || !twin.takesKey(LONG)) return false;
  const ms = parseCanonicalInstant(primary);
  return !Number.isNaN(ms) && twin.takesWhole(ms) && twin.peek() === BRACE_END && !twin.goesOn(BRACE_END);
}
