/**
 * `node config/api-docs.ts [folder]`: HTML pages of what the package exports, from its docstrings. Exits with 1 at the
 * first warning: an exported type that nobody can look up, or a link that leads nowhere.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

// TypeDoc needs the compiler as a library, which TypeScript 7 does not have: it runs on TypeScript 6.
registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-6' : specifier, context),
});
const { Application } = await import('typedoc');

const root = fileURLToPath(new URL('../', import.meta.url));
const application = await Application.bootstrap({
  name: 'shadowread',
  entryPoints: ['src/index.ts', 'src/express.ts'].map((file) => root + file),
  tsconfig: `${root}tsconfig.types.json`,
  readme: `${root}docs/the-package.md`,
  out: process.argv[2] ?? `${root}build/api`,
  excludeExternals: true,
  excludePrivate: true,
  disableSources: true,
  treatWarningsAsErrors: true,
  // Its type is Config, which the pages show.
  intentionallyNotExported: ['configSchema'],
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: false },
});
const project = await application.convert();
if (project !== undefined) {
  application.validate(project);
  if (!application.logger.hasErrors() && !application.logger.hasWarnings()) await application.generateOutputs(project);
}
process.exitCode = project === undefined || application.logger.hasErrors() || application.logger.hasWarnings() ? 1 : 0;
