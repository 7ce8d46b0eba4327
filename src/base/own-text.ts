/** Shorter parts are copied by V8 itself. */
const CUT = 13;

/**
 * The same text in memory of its own. V8 keeps the whole text that a part was cut out of for as long as the part lives, so
 * that one id from a CSV of 300 KB would keep all of it: whoever remembers what may be a part remembers this.
 */
export function ownText(text: string): string {
  return text.length < CUT ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}
