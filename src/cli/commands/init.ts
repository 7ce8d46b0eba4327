import type { CommandDeclaration } from './declare.ts';

export const init: CommandDeclaration = {
  usage: 'init',
  description: 'Drafts a config from an OpenAPI 3 document.',
  load: () => import('../init.ts').then((m) => m.init),
  options: (made) =>
    made
      .option('--openapi <file>', 'the document, YAML or JSON; a file or a URL; required')
      .option('--out <file>', 'file for the draft (default: stdout)')
      .option('--overwrite', 'replace the file of --out where there is one (default: refuse)')
      .option('--read-post <path...>', 'paths whose POST is a read (default: none)')
      .option('--json', 'print what was drafted as JSON (default: text)'),
  examples: ['init --openapi openapi.yaml --out shadowread.yaml'],
  exits: { 0: 'a draft was written', 2: 'the document has no read to draft' },
};
