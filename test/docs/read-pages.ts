/** The pages that people read, and what is in them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Page {
  /** From the root of the tree. */
  readonly file: string;
  readonly text: string;
  /** Lines of code blocks, fenced or indented. */
  readonly code: readonly string[];
  /** Code within sentences and tables. */
  readonly inline: readonly string[];
}

export const pages: readonly Page[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md', { cwd: ROOT }).sort(),
].map((file) => {
  const text = readFileSync(ROOT + file, 'utf8');
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const prose = text.replaceAll(/^```\w*\n[\s\S]*?^```/gm, '');
  const indented = prose.split('\n').filter((line) => line.startsWith('    ') && !/^ {4,}[-*|]/.test(line));
  const sentences = prose
    .split('\n')
    .filter((line) => !line.startsWith('    '))
    .join(' ');
  return {
    file,
    text,
    code: [...fenced.flatMap((block) => block.split('\n')), ...indented].map((line) => line.trim()),
    inline: [...sentences.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|')),
  };
});

/** Fenced blocks of one language, each with its page. */
export const blocksOf = (language: string): readonly { readonly file: string; readonly block: string }[] =>
  pages.flatMap(({ file, text }) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block = '']) => ({
      file,
      block,
    })),
  );

/** A link of a page as a path from the root, and its anchor. */
export function targetOf(file: string, link: string): { readonly path: string; readonly anchor: string | null } {
  const [path = '', anchor] = link.split('#');
  return { path: path === '' ? file : posix.normalize(posix.join(dirname(file), path)), anchor: anchor ?? null };
}

/** The anchors that GitHub gives the headings of a page. */
export const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** The words of a line for a shell, up to its comment, pipe or redirection. */
export function wordsOf(line: string): readonly string[] {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => ({
    text: double ?? single ?? plain ?? '',
    quoted: plain === undefined,
  }));
  const end = words.findIndex(({ text, quoted }) => !quoted && /^(?:#|\||>|<$|&&|\\|2>)/.test(text));
  return (end < 0 ? words : words.slice(0, end)).map(({ text }) => text);
}
