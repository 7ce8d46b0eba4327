/** A real Chromium on the dashboard: what the console, the CSP and failed requests say is kept, and must stay empty. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

/** There is no graphics card: a process that draws, and one in software in its place, cost a fifth of the browser's CPU. */
const SPARING = ['--in-process-gpu', '--disable-software-rasterizer'];

export const hasChromium = (): boolean => existsSync(CHROMIUM);

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-gpu', ...SPARING, '--disable-background-networking'],
  });
}

/** Of any wait for a page; what never comes fails all the same. */
const LONGEST_MS = 180_000;

export interface Seen {
  readonly page: Page;
  /** Console errors, uncaught errors, CSP violations and requests to other hosts since the page was opened. */
  readonly complaints: string[];
}

export interface Look {
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
}

/** A page of its own context, so that cookies and storage are of one test. */
export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<Seen> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1_280, height: look.height ?? 900 },
    colorScheme: look.dark === true ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(LONGEST_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const { origin } = new URL(url);
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      complaints.push(`another host: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/**
 * Serious and critical findings of axe-core, of these rules or of all. Evaluated over the debugging protocol: the page's
 * CSP forbids inline scripts.
 */
export async function seriousFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(await readFile(AXE, 'utf8'));
  const only = rules === undefined ? {} : { runOnly: { type: 'rule', values: rules } };
  const options = JSON.stringify({ resultTypes: ['violations'], ...only });
  const found: unknown = await page.evaluate(
    `axe.run(document, ${options}).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => id + ': ' + node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? ''))))`,
  );
  return Array.isArray(found) ? found.map(String) : ['axe-core gave no list'];
}

/** Screens of the window that the whole page takes. */
export const screensOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollHeight / innerHeight');

/** What a thumb would miss: buttons, fields and links of a list that are lower than 24 pixels. */
export const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('main :is(button, select, input, summary, table a)')]
    .filter((one) => { const { width, height } = one.getBoundingClientRect(); return width > 0 && height < 24; })
    .map((one) => one.outerHTML.slice(0, 120))`);

/** Pixels by which the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - window.innerWidth');

/** A measure of a page that changes until it is laid out for its window: the value once it is `most` or less, or the last one. */
export async function comesDownTo(most: number, measure: () => Promise<number>): Promise<number> {
  const end = performance.now() + LAID_OUT_MS;
  let value = await measure();
  while (value > most && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    value = await measure();
  }
  return value;
}

/** Far longer than a page takes to follow its window, so that a busy machine decides nothing. */
const LAID_OUT_MS = 60_000;
