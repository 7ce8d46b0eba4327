#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to strip types can still say so in one sentence.
import { existsSync } from 'node:fs';
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  const how = import.meta.url.includes('/node_modules/')
    ? 'npx --package=node@24 --package=shadowread shadowread --help (or: npm install node@24, then npx shadowread --help)'
    : 'npm run -s shadowread -- --help (the checkout brings its own Node)';
  console.error(
    `SHADOW_NODE_VERSION: shadowread needs Node 24 or newer; found ${process.versions.node} (${process.execPath}); for example: ${how}`,
  );
  process.exit(64);
}
// To load some hundred modules is most of a short command. What they compile to is kept beside the packages, where only those
// can write who can change the code anyway; where nobody can, nothing is kept. Threads and child processes learn it by the
// environment.
const packages = import.meta.url.includes('/node_modules/') ? '../..' : '../node_modules';
const cache = fileURLToPath(new URL(`${packages}/.cache/shadowread`, import.meta.url));
// Not imported by its name, which a Node that is too old does not have: that would be the error instead of the sentence.
const { directory } = nodeModule.enableCompileCache(cache);
if (directory !== undefined && process.env.NODE_COMPILE_CACHE === undefined) process.env.NODE_COMPILE_CACHE = directory;
// What goes through whole stores in batches leaves garbage, not data: collected sooner it takes half the memory. Only
// before anything is loaded can the young generation still be kept small.
if (process.argv.slice(2).some((word) => ['backfill', 'verify', 'reconcile'].includes(word))) {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
// An installed package runs its build: Node strips no types below node_modules.
const built = new URL('../dist/src/cli.js', import.meta.url);
const source = new URL('../src/cli.ts', import.meta.url);
const entry = import.meta.url.includes('/node_modules/') && existsSync(fileURLToPath(built)) ? built : source;
const { guardCommand, main, tellRejections, tolerateClosedPipe } = await import(entry.href);
tolerateClosedPipe();
tellRejections();
guardCommand();
process.exitCode = await main(process.argv.slice(2));
