/**
 * `npm run tour`: takes the pictures of docs/tour.md anew, from a demo that is played for them. With a folder as its
 * argument it takes every page instead, whole, in light, dark and on a phone, to be looked at.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { startStack } from '../src/amanat/demo/stack.ts';
import { playStory } from '../src/amanat/demo/story.ts';
import { amanatMappings } from '../src/amanat/mappings/index.ts';
import { migrate } from '../src/amanat/twin/migrate.ts';
import { backfill } from '../src/migration/backfill.ts';
import { openPage, overflow, startBrowser } from './support/browser.ts';

const DOCS = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const SEED = 1;
const WINDOW = { width: 1_280, height: 900 };
const LOOKS = {
  light: { ...WINDOW, dark: false },
  dark: { ...WINDOW, dark: true },
  phone: { width: 390, height: 844, dark: false },
} as const;

interface Found {
  readonly faults: readonly {
    readonly id: string;
    readonly field: string | null;
    readonly routes: readonly { readonly route: string; readonly lastMismatch: string | null }[];
  }[];
}

const [folder] = process.argv.slice(2);
const print = (text: string): void => void process.stderr.write(`${text}\n`);

/** Pages with the faults in Postgres; the gate is pictured after the repair. */
async function placesOf(admin: string): Promise<Readonly<Record<string, string>>> {
  const { faults } = (await (await fetch(`${admin}/api/faults`)).json()) as Found;
  const fault = faults.find(({ field }) => field === 'status');
  const shown = fault?.routes.find(({ route }) => route === 'GET /api/payments/:id') ?? fault?.routes[0];
  const others = { fingerprints: '#/fingerprints', mismatches: '#/mismatches', route: '#/domain/payments' };
  return {
    ...{ overview: '#/', faults: '#/faults', fault: `#/fault/${fault?.id}` },
    ...{ mismatch: `#/mismatch/${shown?.lastMismatch}` },
    ...(folder === undefined ? {} : { ...others, gate: '#/gate/payments', control: '#/control' }),
  };
}

async function picture(browser: Browser, admin: string, places: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, place] of Object.entries(places)) {
    for (const [look, how] of Object.entries(folder === undefined ? { light: LOOKS.light } : LOOKS)) {
      const { page } = await openPage(browser, `${admin}/${place}`, how);
      await page.waitForSelector('main :is(table, dl, .checks)');
      await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
      if (name === 'route') await page.locator('tbody button').first().click();
      const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
      print(`${name} ${look}: ${(height / how.height).toFixed(1)} screens, ${await overflow(page)} px too wide`);
      const path = folder === undefined ? `${DOCS}${name}.png` : join(folder, `${name}-${look}.png`);
      await page.screenshot({ path, fullPage: folder !== undefined });
      await page.context().close();
    }
  }
}

const stack = await startStack({
  seed: SEED,
  onStep: print,
  prepare: migrate,
  backfill: async (mongoUri, databaseUrl) => void (await backfill({ mongoUri, databaseUrl, mappings: amanatMappings })),
});
const browser = await startBrowser();
try {
  await playStory({
    ...{ stack, seed: SEED, requests: 600, keepFaults: folder !== undefined },
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onStep: print,
    onBroken: async () => picture(browser, stack.admin, await placesOf(stack.admin)),
  });
  if (folder === undefined) await picture(browser, stack.admin, { gate: '#/gate/payments' });
} finally {
  await browser.close();
  await stack.close();
}
