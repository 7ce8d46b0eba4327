/** Without control characters: a hostile route or shape must not move a terminal's cursor or break a document. */
export function plain(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ');
}
