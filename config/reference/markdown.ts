/** Tables of the reference pages. */

/** One cell: no line breaks, and no bar that would end it. */
const cell = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

/** A page: what it is for, who wrote it, and its parts. */
export function page(title: string, purpose: string, parts: readonly string[]): string {
  return `# ${title}\n\n${purpose} Generated from the code by \`npm run reference\`: change the code, not this page.\n\n${parts.join('\n\n')}\n`;
}
