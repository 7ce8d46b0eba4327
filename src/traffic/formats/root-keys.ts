/**
 * The keys of the object that JSON text begins with, each with the first character of its value (`{`, `[`, `"`, …), as
 * far as the text goes: a file of any size is told by its beginning.
 */
export function rootKeysOf(text: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  let depth = 0;
  let key: string | null = null;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (/\s/.test(character)) continue;
    if (key !== null && depth === 1 && character !== ':') {
      keys.set(key, character);
      key = null;
    }
    if (character === '"') {
      const end = stringEnd(text, i + 1);
      if (depth === 1 && /^\s*:/.test(text.slice(end + 1, end + 20))) key = text.slice(i + 1, end);
      i = end;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) break;
  }
  return keys;
}

function stringEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 92) i += 1;
    else if (code === 34) return i;
  }
  return text.length;
}
