/**
 * Text of strangers (a value, a route, a path, an error of another server) as a terminal, a log or a document may show it.
 * What is hostile: control characters of C0 and C1 (escape codes, OSC 8 links, carriage returns), separators of lines,
 * marks that turn the direction of writing, tag characters that nobody sees, and lone surrogates.
 */

/** Each hostile character as a blank, runs of them as one: for documents, where an escape would be noise. */
export function plain(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u{e0000}-\u{e007f}]+/gu, ' ');
}

/**
 * Each hostile character as JSON writes it, such as `\u001b`: one line that shows what is in it. JSON text stays the same
 * document, since such characters stand in its strings alone.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u{e0000}-\u{e007f}]/gu, escaped);
}

/** As `visible`, for text of several lines: line breaks and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t\P{Cc}]|[\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u{e0000}-\u{e007f}]/gu, escaped);
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  return (
    SHORT[character] ??
    unitsOf(character)
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join('')
  );
}

const unitsOf = (character: string): number[] =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
