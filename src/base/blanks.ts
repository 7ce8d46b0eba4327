/** Texts without the blanks and tabs around them. */

/** Without them at both ends. Not by a pattern: 100 KB of blanks before a letter would take seconds. */
export function withoutBlanks(value: string): string {
  let start = 0;
  while (isBlank(value, start)) start += 1;
  return withoutBlanksBehind(value.slice(start));
}

export function withoutBlanksBehind(value: string): string {
  let end = value.length;
  while (isBlank(value, end - 1)) end -= 1;
  return value.slice(0, end);
}

function isBlank(value: string, index: number): boolean {
  const code = value.charCodeAt(index);
  return code === 32 || code === 9;
}
