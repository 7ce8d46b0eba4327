/** The dashboard's files: our own as they lie here, the libraries as they lie in their packages, or beside an installed build. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

const HERE = fileURLToPath(new URL('./dashboard/', import.meta.url));
const BUILT = fileURLToPath(new URL('./vendor/', import.meta.url));

/** Served name -> module of a package; looked for at start, so that a missing one is known then. */
export const VENDOR = {
  'htm.js': 'htm/preact/standalone',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
  'pico.css': '@picocss/pico/css/pico.min.css',
} as const;

export function assets(): Router {
  const router = Router();
  for (const [name, module] of Object.entries(VENDOR)) {
    const built = join(BUILT, name);
    const file = existsSync(built) ? built : fileURLToPath(import.meta.resolve(module));
    router.get(`/vendor/${name}`, (_request, response) => response.sendFile(file));
  }
  router.use('/assets', express.static(HERE, { index: false, cacheControl: false }));
  router.get('/', (_request, response) => response.sendFile(join(HERE, 'index.html')));
  return router;
}
