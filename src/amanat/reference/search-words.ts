/** Lowercased, NFC, split on non-letters: what `searchTokens` holds, and what a search asks for. Each word once. */
export function searchWords(...texts: readonly string[]): string[] {
  const parts = texts.flatMap((text) =>
    text
      .toLowerCase()
      .normalize('NFC')
      .split(/\P{L}+/u),
  );
  return [...new Set(parts)].filter((word) => word !== '');
}
