/** The TypeScript of the pages, each piece as a whole module of who has installed the package. */
import * as kit from '../../src/rules/kit.ts';
import { blocksOf } from './read-pages.ts';

export function snippets(): readonly { readonly file: string; readonly whole: string }[] {
  const words = Object.keys(kit).filter((name) => name !== 'enum');
  const found = blocksOf('ts').filter(({ block }) => !block.includes('...') && !block.includes('…'));
  if (found.length < 3) throw new RangeError(`${found.length} pieces of TypeScript are found in the pages`);
  return found.map(({ file, block }) => {
    const imports = block.includes('import ') ? '' : `import { ${words.join(', ')} } from 'shadowread';\n`;
    return { file, whole: `${imports}${block}\nexport {};\n` };
  });
}
