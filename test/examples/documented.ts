/** What docs/adding-an-api.md tells to type. */
import { readFile } from 'node:fs/promises';

export const DOCS = new URL('../../docs/adding-an-api.md', import.meta.url);

/** The fenced blocks of one language. */
export function blocksOf(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
}

/** `shadowread` commands of the docs, in their order, as arguments. */
export async function documentedCommands(): Promise<readonly (readonly string[])[]> {
  const lines = blocksOf(await readFile(DOCS, 'utf8'), 'sh').flatMap((block) => block.split('\n'));
  return lines.filter((line) => line.startsWith('shadowread ')).map((line) => line.split(' ').slice(1));
}
