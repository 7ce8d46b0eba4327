/** `npm run tour`: takes the pictures of docs/tour.md anew, from a demo that is played for them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolOf } from '../config/tool.ts';
import { startStack } from '../src/amanat/demo/stack.ts';
import { playStory } from '../src/amanat/demo/story.ts';
import { amanatMappings } from '../src/amanat/mappings/index.ts';
import { migrate } from '../src/amanat/twin/migrate.ts';
import { linesOfStory } from '../src/cli/demo-report.ts';
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

const [folder] = toolOf({
  usage: 'npm run tour --',
  description: 'Plays a demo and takes the pictures of docs/tour.md anew.',
  exits: { 0: 'the pictures are taken' },
})
  .argument('[folder]', 'takes every page there too, whole, in light, dark and on a phone')
  .parse().args;
const began = Date.now();
const print = (text: string): void => void process.stderr.write(`${text}\n`);

type Places = Readonly<Record<string, string>>;

/** Pages with the faults in Postgres; of the tour, and all others. */
async function placesOf(admin: string): Promise<{ readonly tour: Places; readonly others: Places }> {
  const { faults } = (await (await fetch(`${admin}/api/faults`)).json()) as Found;
  const fault = faults.find(({ field }) => field === 'status');
  const shown = fault?.routes.find(({ route }) => route === 'GET /api/payments/:id') ?? fault?.routes[0];
  return {
    tour: {
      ...{ overview: '#/', faults: '#/faults', fault: `#/fault/${fault?.id}` },
      mismatch: `#/mismatch/${shown?.lastMismatch}`,
    },
    others: {
      ...{ fingerprints: '#/fingerprints', mismatches: '#/mismatches', route: '#/domain/payments' },
      ...{ gate: '#/gate/payments', control: '#/control' },
    },
  };
}

/** One page, settled; to a file of `folder` where it is whole, else to the docs. */
async function picture(url: string, name: string, look: keyof typeof LOOKS, whole: string | null): Promise<void> {
  const how = LOOKS[look];
  const { page } = await openPage(browser, url, how);
  await page.waitForSelector('main :is(table, dl, .checks)');
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
  if (name === 'route') await page.locator('tbody button').first().click();
  const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
  print(`${name} ${look}: ${(height / how.height).toFixed(1)} screens, ${await overflow(page)} px too wide`);
  const path = whole === null ? `${DOCS}${name}.png` : join(whole, `${name}-${look}.png`);
  await page.screenshot({ path, fullPage: whole !== null });
  await page.context().close();
}

async function withFaults(admin: string): Promise<void> {
  const { tour, others } = await placesOf(admin);
  for (const [name, place] of Object.entries(tour)) await picture(`${admin}/${place}`, name, 'light', null);
  if (folder === undefined) return;
  for (const [name, place] of Object.entries({ ...tour, ...others })) {
    for (const look of ['light', 'dark', 'phone'] as const) await picture(`${admin}/${place}`, name, look, folder);
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
  const story = await playStory({
    ...{ stack, seed: SEED, requests: 600, keepFaults: false },
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onStep: print,
    onBroken: () => withFaults(stack.admin),
  });
  for (const line of linesOfStory(story, Math.round((Date.now() - began) / 1_000))) print(line);
  await picture(`${stack.admin}/#/gate/payments`, 'gate', 'light', null);
  if (folder !== undefined) await picture(`${stack.admin}/#/`, 'overview-after', 'light', folder);
} finally {
  await browser.close();
  await stack.close();
}
