/**
 * Packages of which we use a small part are built into ours, so that an installation gets that part instead of tens of
 * megabytes. Their licences come along.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { buildSync } from 'esbuild';

const BUNDLED = ['drizzle-orm', 'graphql', '@apidevtools/swagger-parser'] as const;
const IMPORT = new RegExp(`(?<=\\b(?:from|import)\\s*\\(?\\s*)(["'])((?:${BUNDLED.join('|')})(?:/[\\w./-]+)?)\\1`, 'g');

/** Builds what the files below `target` import of them into `target/bundled`, and lets the files import that. */
export function bundlePackages(root: string, target: string): void {
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => join(target, path));
  const used = new Set(
    files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, , specifier]) => specifier ?? '')),
  );
  const { metafile } = buildSync({
    entryPoints: Object.fromEntries([...used].map((specifier) => [specifier, specifier])),
    absWorkingDir: root,
    outdir: join(target, 'bundled'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    legalComments: 'inline',
    metafile: true,
    // What is CommonJS asks for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    // What is installed anyway is not built in a second time.
    external: Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies),
    logLevel: 'warning',
  });
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const rewritten = text.replace(IMPORT, (_, quote: string, specifier: string) => {
      const path = relative(dirname(file), join(target, 'bundled', `${specifier}.js`));
      return `${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    });
    if (rewritten !== text) writeFileSync(file, rewritten);
  }
  for (const name of packagesIn(Object.keys(metafile.inputs))) keepLicence(name, root, target);
}

/** The packages that these files are of. */
function packagesIn(files: readonly string[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
}

/** Copies the licence of a module's package next to the code that was taken from it. */
export function keepLicence(module: string, root: string, target: string): void {
  const name = module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/');
  const folder = join(root, 'node_modules', name);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const kept = join(target, 'licences', `${name.replace('/', '-')}.txt`);
  if (existsSync(kept)) return;
  mkdirSync(dirname(kept), { recursive: true });
  if (file !== undefined) cpSync(join(folder, file), kept);
  else {
    const { license, author, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    writeFileSync(kept, `${name}: ${license}, ${JSON.stringify(author ?? '')}, ${homepage ?? ''}\n`);
  }
}
