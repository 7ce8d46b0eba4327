/** `node config/build.ts [folder]`: the JavaScript of an installed package, below which Node strips no types. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VENDOR } from '../src/admin/assets.ts';
import { bundlePackages, keepLicence } from './bundle.ts';

/** Read at run time as they are. */
const FILES = ['src/admin/dashboard', 'src/amanat/twin/migrations'];

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? join(root, 'dist'));
rmSync(target, { recursive: true, force: true });
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
// The programs, then the types of what `exports` names.
for (const project of ['tsconfig.build.json', 'tsconfig.types.json'])
  execFileSync(process.execPath, [compiler, '-p', join(root, project), '--outDir', target], { stdio: 'inherit' });
for (const path of FILES) cpSync(join(root, path), join(target, path), { recursive: true });
// Of each of these packages the dashboard needs one file.
mkdirSync(join(target, 'src', 'admin', 'vendor'));
for (const [name, module] of Object.entries(VENDOR)) {
  cpSync(fileURLToPath(import.meta.resolve(module)), join(target, 'src', 'admin', 'vendor', name));
  keepLicence(module, root, target);
}
bundlePackages(root, target);
