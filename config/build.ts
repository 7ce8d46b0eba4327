/** `node config/build.ts [folder]`: the JavaScript of an installed package, below which Node strips no types. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Read at run time as they are. */
const FILES = ['src/admin/dashboard', 'src/amanat/twin/migrations'];

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? join(root, 'dist'));
rmSync(target, { recursive: true, force: true });
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', target], {
  stdio: 'inherit',
});
for (const path of FILES) cpSync(join(root, path), join(target, path), { recursive: true });
