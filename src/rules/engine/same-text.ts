/** Comparing two JSON texts where no rule says more than "the same". */
import type { Equal, EqualText } from './node.ts';
import { QuotedKey } from './quoted-key.ts';
import { blobEqual, strictEqual } from './strict.ts';
import { BRACE, BRACE_END, BRACKET, BRACKET_END, QUOTE, unsure } from './text-cursor.ts';
import { takesKeyOf, takesSame, takesSameKey, takesSameObjectId } from './text-pair.ts';
import type { TextReader } from './text-reader.ts';

/** As the rule compares, of values that are made of the texts unless both are the same. */
export function leafText(equal: Equal, plain: boolean): EqualText {
  return plain
    ? (primary, twin, run) => takesSame(primary, twin) || equal(primary.value(), twin.value(), run, null)
    : (primary, twin, run) => equal(primary.value(), twin.value(), run, null);
}

/** As `strictEqual`. */
export function strictText(primary: TextReader, twin: TextReader): boolean {
  if (takesSame(primary, twin)) return true;
  const code = primary.peek();
  if (code === twin.peek()) {
    if (code === BRACKET) return sameElements(primary, twin, strictText);
    if (code === BRACE) return sameMembers(primary, twin, strictText);
  }
  return strictEqual(primary.value(), twin.value());
}

/** As `blobEqual`. */
export function blobText(primary: TextReader, twin: TextReader): boolean {
  if (takesSame(primary, twin)) return true;
  const code = primary.peek();
  if (code === twin.peek()) {
    if (code === BRACKET) return sameElements(primary, twin, blobText);
    // Of Extended JSON on both sides another spelling is left to the values.
    if (code === BRACE && primary.isExtended() === twin.isExtended()) return sameMembers(primary, twin, blobText);
  } else if (twin.peek() === BRACE && takesExtended(primary, twin)) return true;
  return blobEqual(primary.value(), twin.value());
}

type Same = (primary: TextReader, twin: TextReader) => boolean;

function sameElements(primary: TextReader, twin: TextReader, same: Same): boolean {
  let more = primary.opens(BRACKET_END);
  if (twin.opens(BRACKET_END) !== more) return false;
  while (more) {
    if (!same(primary, twin)) return false;
    more = primary.goesOn(BRACKET_END);
    if (twin.goesOn(BRACKET_END) !== more) return false;
  }
  return true;
}

/**
 * Objects with the same members, in any order. As long as both print them in one order, it does not matter whether a
 * name comes twice: the last one counts on both sides.
 */
export function sameMembers(primary: TextReader, twin: TextReader, same: Same): boolean {
  let more = primary.opens(BRACE_END);
  if (twin.opens(BRACE_END) !== more) return false;
  while (more) {
    if (!takesSameKey(primary, twin)) return sameInAnyOrder(primary, twin, same);
    if (!same(primary, twin)) return false;
    more = primary.goesOn(BRACE_END);
    if (twin.goesOn(BRACE_END) !== more) return false;
  }
  return true;
}

/** The rest of the members. Of two of one name the last one counts: that is left to the values. */
function sameInAnyOrder(primary: TextReader, twin: TextReader, same: Same): boolean {
  const inside = primary.room;
  const { passed } = primary;
  const base = primary.passedNow;
  let members = base;
  do {
    passed[members++] = primary.skipKey();
    primary.peek();
    passed[members++] = primary.at;
    primary.skip();
  } while (primary.goesOn(BRACE_END));
  primary.passedNow = members;
  if (members - base > MANY * 2) unsure();
  const [end, outside] = [primary.at, primary.room];
  let left = members - base;
  do {
    const member = memberAt(primary, twin, base, members);
    if (member < 0) return false;
    const place = passed[member] ?? MET;
    if (place === MET) unsure();
    passed[member] = MET;
    left -= 2;
    primary.moveTo(place, inside);
    if (!same(primary, twin)) return false;
  } while (twin.goesOn(BRACE_END));
  primary.moveTo(end, outside);
  primary.passedNow = base;
  return left === 0;
}

/** Where the place of the value is kept whose key comes next in the twin's text; the key is passed over. Negative where there is none. */
function memberAt(primary: TextReader, twin: TextReader, from: number, to: number): number {
  if (twin.peek() !== QUOTE) unsure();
  for (let i = from; i < to; i += 2) if (takesKeyOf(twin, primary, primary.passed[i] ?? 0)) return i + 1;
  return -1;
}

/** Stands for the place of a member that both have. */
const MET = -1;
/** More members than this are not looked through for each one. */
const MANY = 40;

const OID = new QuotedKey('$oid');
const DATE = new QuotedKey('$date');
const LONG = new QuotedKey('$numberLong');

/**
 * True where the primary's text is what is printed of the id or the date in Extended JSON that comes next on the twin's side.
 * False decides nothing.
 */
function takesExtended(primary: TextReader, twin: TextReader): boolean {
  if (primary.peek() !== QUOTE) return false;
  const [mine, its] = [primary.mark(), twin.mark()];
  if (twin.opens(BRACE_END)) {
    const is = twin.takesKey(OID) ? takesSameObjectId(primary, twin) : takesDate(primary, twin);
    if (is && twin.peek() === BRACE_END && !twin.goesOn(BRACE_END)) return true;
  }
  primary.back(mine);
  twin.back(its);
  return false;
}

function takesDate(primary: TextReader, twin: TextReader): boolean {
  if (!twin.takesKey(DATE) || twin.peek() !== BRACE || !twin.opens(BRACE_END) || !twin.takesKey(LONG)) return false;
  const ms = primary.takesInstant();
  return !Number.isNaN(ms) && twin.whole() === ms && twin.peek() === BRACE_END && !twin.goesOn(BRACE_END);
}
