/**
 * The dashboard's files: our own as they lie here, the words that it shares with the terminal, the libraries as they lie
 * in their packages, or beside an installed build.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';
import { ownModule } from '../base/own-module.ts';
import { plainScript } from './plain-script.ts';

const HERE = fileURLToPath(new URL('./dashboard/', import.meta.url));
const BUILT = fileURLToPath(new URL('./vendor/', import.meta.url));

/** Served name -> module of a package; looked for at start, so that a missing one is known then. */
export const VENDOR = {
  'htm.js': 'htm',
  'preact.js': 'htm/preact/standalone',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
  'pico.css': '@picocss/pico/css/pico.min.css',
} as const;

/** Served name -> our own module, which imports nothing. The terminal says the same by the same source. */
export const WORDS = {
  'figure-words.js': 'base/figure-words',
  'measure-words.js': 'base/measure-words',
  'plain-text.js': 'base/plain-text',
} as const;

export function assets(): Router {
  const router = Router();
  for (const [name, module] of Object.entries(VENDOR)) {
    const built = join(BUILT, name);
    const file = existsSync(built) ? built : fileURLToPath(import.meta.resolve(module));
    router.get(`/vendor/${name}`, (_request, response) => response.sendFile(file));
  }
  for (const [name, module] of Object.entries(WORDS)) {
    const file = fileURLToPath(ownModule(module));
    let script: Promise<string> | null = null;
    router.get(`/assets/words/${name}`, async (_request, response) => {
      script ??= plainScript(file).catch((error: unknown) => {
        script = null;
        throw error;
      });
      response.type('text/javascript').send(await script);
    });
  }
  router.use('/assets', express.static(HERE, { index: false, cacheControl: false }));
  router.get('/', (_request, response) => response.sendFile(join(HERE, 'index.html')));
  return router;
}
