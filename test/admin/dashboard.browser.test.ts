import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { visibleLines } from '../../src/base/plain-text.ts';
import {
  comesDownTo,
  hasChromium,
  openPage,
  overflow,
  type Seen,
  screensOf,
  seriousFindings,
  smallTargets,
  startBrowser,
} from '../support/browser.ts';
import { HOSTILE, insertHostileRows } from '../support/hostile-rows.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { type FaultyService, faultyService } from '../support/service.ts';
import { sized } from '../support/sized.ts';
import { startTcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';

/** Everything that a page asked for is there. */
const settled = (page: Page): Promise<void> =>
  page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });

/** By way of a page that is none, so that what is waited for is of this one, and made for the window as it is. */
const visit = async (page: Page, admin: string, hash: string): Promise<void> => {
  await page.goto(`${admin}/#/nowhere`);
  await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await page.goto(`${admin}/${hash}`);
  await page.waitForSelector('main :is(table, dl, .checks)');
  await settled(page);
};

/** Colours are the same at any width, and what is on the page is the same in any colour. */
const LOOKS = [
  { suffix: ' on a phone', colorScheme: 'light', width: 390, height: 844, phone: true, rules: [] },
  { suffix: ' in dark', colorScheme: 'dark', width: 1_280, height: 900, phone: false, rules: ['color-contrast'] },
  { suffix: ' in light', colorScheme: 'light', width: 1_280, height: 900, phone: false, rules: null },
] as const;
const SIZES = [LOOKS[2], LOOKS[0]] as const;
const LOOKED_AT = sized<readonly (typeof LOOKS)[number][]>([LOOKS[2]], LOOKS);
const MOST_SCREENS = 3;
const tooWide = (page: Page): Promise<number> => comesDownTo(0, async () => Math.max(0, await overflow(page)));
const screens = (page: Page): Promise<number> => comesDownTo(MOST_SCREENS, () => screensOf(page));
const REVEAL = 'a-token-that-opens-answers';

interface Faulty {
  readonly faults: readonly { readonly id: string; readonly field: string | null }[];
}

interface Controlled {
  readonly routes: readonly { readonly key: string; readonly policy: { readonly sample: number } }[];
}

let started: Promise<Browser> | undefined;
/** One for the whole file, closed by the last of it: its start with a first page takes more CPU than ten tests. */
const theBrowser = (): Promise<Browser> => {
  started ??= startBrowser();
  return started;
};

describe('the dashboard in Chromium', () => {
  let service: FaultyService;
  let browser: Browser;
  let places: Readonly<Record<string, string>>;
  const open: Seen[] = [];

  before(async function () {
    if (!hasChromium()) {
      console.log('      skipped: there is no Chromium (CHROMIUM_PATH)');
      this.skip();
    }
    [service, browser] = await Promise.all([faultyService({ revealToken: REVEAL }), theBrowser()]);
    // JSON with a value that differs on both sides, and nothing that another test repairs.
    const id = await service.mismatchOf('a name in another case');
    const { faults } = await service.proxy.get<Faulty>('/api/faults?cause=data_drift');
    places = {
      overview: '#/',
      route: '#/domain/payments',
      faults: '#/faults',
      fault: `#/fault/${faults[0]?.id}`,
      fingerprints: '#/fingerprints',
      mismatches: '#/mismatches',
      mismatch: `#/mismatch/${id}`,
      reveal: `#/mismatch/${id}`,
      gate: '#/gate/payments',
      control: '#/control',
    };
  });
  afterEach(async () => {
    for (const { page } of open.splice(0)) await page.context().close();
  });
  after(async () => {
    await shared?.page.context().close();
    await service?.close();
  });

  let shared: Seen | null = null;
  /** One page for all that need no page of their own: to load it anew takes longer than most tests. */
  const show = async (hash: string): Promise<Seen> => {
    shared ??= await openPage(browser, `${service.proxy.admin}/#/nowhere`);
    const { page, complaints } = shared;
    complaints.length = 0;
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1_280, height: 900 });
    await visit(page, service.proxy.admin, hash);
    return { page, complaints };
  };
  const said = async (page: Page): Promise<string> => (await page.locator('main').textContent()) ?? '';

  it('opens every page in light and dark, wide and on a phone, without a complaint, a serious finding or a sideways scroll', async () => {
    const { page, complaints } = await show('#/');
    for (const [name, hash] of Object.entries(places)) {
      await visit(page, service.proxy.admin, hash);
      expect(await page.evaluate('document.querySelector("main :is(h1, h2)").tagName'), name).to.equal('H1');
      if (name === 'route') await page.locator('tbody button').first().click();
      if (name === 'reveal') await reveal(page);
      for (const { suffix, colorScheme, width, height, phone, rules } of LOOKED_AT) {
        const look = `${name}${suffix}`;
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height });
        // What it loads anew for another width is there.
        await settled(page);
        if (!phone) expect(await seriousFindings(page, rules ?? undefined), look).to.deep.equal([]);
        if (colorScheme === 'dark') continue;
        if (phone) expect(await smallTargets(page), look).to.deep.equal([]);
        expect(await tooWide(page), `${look} is wider than the window`).to.equal(0);
        expect(await screens(page), `${look} in screens`).to.be.at.most(MOST_SCREENS);
      }
      expect(complaints, name).to.deep.equal([]);
    }
  });

  const reveal = async (page: Page): Promise<void> => {
    await page.getByText('Open the values').click();
    await page.getByLabel('Reason').fill('ticket 4711');
    await page.getByLabel('Reveal token').fill(REVEAL);
    const opened = page.waitForResponse((answer) => answer.url().endsWith('/reveal'));
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    expect((await opened).headers()['cache-control']).to.equal('no-store');
    await page.getByText('Opened: ticket 4711').waitFor();
  };

  it('opens the answers of a mismatch: side by side, what differs marked on both, until they are closed', async () => {
    const { page, complaints } = await show(places.reveal ?? '');
    await reveal(page);
    const section = page.getByRole('region', { name: 'opened answers' });
    const sides = section.locator('details.round').first().locator('.sides > div');
    const [primary, twin] = [await sides.nth(0).boundingBox(), await sides.nth(1).boundingBox()];
    expect(primary?.y).to.equal(twin?.y);
    for (const side of [sides.nth(0), sides.nth(1)]) {
      expect(await side.locator('.differs').count()).to.be.at.least(1);
      expect(await side.textContent()).to.match(/^(?:primary|twin), 200content-type: application\/json/);
    }
    expect(await section.locator('.tree .differs').first().textContent()).to.match(
      /: (?:"|-?\d|true|false|null|absent)/,
    );
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Open the values').waitFor();
    expect(await section.count()).to.equal(0);
    expect(complaints).to.deep.equal([]);
    await page.goto(`${service.proxy.admin}/#/control`);
    await page
      .getByText(/^reveal/)
      .first()
      .waitFor();
  });

  it('acknowledges, reopens and marks fixed from the fingerprints page, and keeps who did', async () => {
    const { page, complaints } = await show('#/control');
    await page.getByLabel('Your name').fill('Ada');
    await page.goto(`${service.proxy.admin}/#/fingerprints`);
    await page.waitForSelector('tbody tr');
    const id = (await page.locator('tbody tr th code').first().textContent()) ?? '';
    const row = page.locator('tbody tr', { hasText: id });
    const change = async (state: string, reason: string): Promise<void> => {
      await row.getByRole('button').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('State').selectOption(state);
      await dialog.getByLabel('Reason').fill(reason);
      if (state === 'acknowledged') expect(await seriousFindings(page)).to.deep.equal([]);
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.waitFor({ state: 'detached' });
      await row.locator('.badge', { hasText: state }).first().waitFor();
    };
    await change('acknowledged', 'rounding before 2019');
    expect(await row.textContent()).to.contain('Ada: rounding before 2019');
    await change('open', 'it was not rounding');
    await change('fixed', 'fixed in the twin');
    await row.getByText('by Ada').waitFor();
    expect(complaints).to.deep.equal([]);
    await service.journal`update shadowread.fingerprints set state = 'open', regressed = true where fingerprint = ${id}`;
    await page.reload();
    await row.getByText('came back').waitFor();
  });

  it('tells each fault in a sentence with its routes, and acknowledges it', async () => {
    const { page, complaints } = await show('#/faults');
    await page.waitForSelector('tbody tr');
    const sentence = 'differs from its document';
    const row = page.locator('tbody tr', { hasText: sentence }).first();
    const id = (await row.locator('th .dim code').textContent()) ?? '';
    await row.getByRole('button', { name: 'Acknowledge' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).to.contain(sentence);
    await dialog.getByLabel('Owner').fill('Ada');
    await dialog.getByLabel('Reason').fill('repaired on Monday');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('tbody tr', { hasText: id }).locator('.badge', { hasText: 'acknowledged' }).waitFor();
    expect(await page.locator('tbody tr', { hasText: id }).textContent()).to.contain('Ada: repaired on Monday');
    expect(complaints).to.deep.equal([]);
  });

  it('repairs a fault from its page: first what would change, then what its reads say, and who did it why', async () => {
    const { faults } = await service.proxy.get<Faulty>('/api/faults?cause=data_drift');
    const fault = faults.find(({ field }) => field === 'price');
    const { page, complaints } = await show(`#/fault/${fault?.id}`);
    expect(await said(page)).to.match(/differs from its document since \d\d:\d\d UTC; \d+ reads? on \d+ routes?/);
    await page.getByRole('button', { name: `Repair ${fault?.id}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('would be updated').waitFor();
    expect(await seriousFindings(page)).to.deep.equal([]);
    await dialog.getByLabel('Reason').fill('ticket 9');
    await dialog.getByRole('button', { name: 'Repair', exact: true }).click();
    await dialog.getByText('no longer shows it').first().waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.badge', { hasText: 'repaired' }).first().waitFor();
    await page.getByText('ticket 9').first().waitFor();
    await page.getByText('repair: update, repaired').waitFor();
    await page.getByRole('button', { name: `Ask again ${fault?.id}` }).click();
    await page.getByText('no longer shows it').first().waitFor();
    expect(complaints).to.deep.equal([]);
  });

  it('draws no outline around the page after a click, and one around what the keyboard is at', async () => {
    const { page } = await show('#/faults');
    const drawn = (): Promise<unknown> =>
      page.evaluate(`(() => { const at = document.activeElement; const { outlineStyle, boxShadow } = getComputedStyle(at);
        return { at: at.tagName, drawn: outlineStyle !== 'none' || boxShadow !== 'none' }; })()`);
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await drawn()).to.deep.equal({ at: 'MAIN', drawn: false });
    await page.getByRole('heading', { name: 'Overview' }).click();
    expect(await drawn()).to.include({ drawn: false });
    await page.keyboard.press('Tab');
    expect(await drawn()).to.include({ drawn: true });
  });

  it('follows a window that has changed between its first look at it and its listening', async () => {
    const { page } = await show('#/control');
    await page.evaluate(`(async () => {
      const [{ html, render }, { usePhone }] = await Promise.all([import('/assets/html.js'), import('/assets/table.js')]);
      let looks = 0;
      window.matchMedia = () => ({
        get matches() { looks += 1; return looks === 1; },
        addEventListener() {},
        removeEventListener() {},
      });
      const Seen = () => html(['<p>', '</p>'], usePhone() ? 'as on a phone' : 'as in a window');
      render(html(['<', ' />'], Seen), document.body.appendChild(document.createElement('div')));
    })()`);
    await page.getByText('as in a window').waitFor();
    await page.reload();
  });

  it('closes the dialog by Escape and changes nothing', async () => {
    const { page } = await show('#/fingerprints');
    await page.locator('tbody button').first().click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('asks again and shows the new verdict in place', async () => {
    const { page, complaints } = await show(places.mismatch ?? '');
    await page.getByRole('button', { name: 'Ask again', exact: true }).click();
    await page.getByText('now: mismatch').waitFor();
    await page.getByRole('heading', { name: 'What differs now' }).waitFor();
    expect(complaints).to.deep.equal([]);
  });

  it('shows of one mismatch both answers with the differing path, the stored rows, the timeline, trace and curl', async () => {
    const { page } = await show(places.mismatch ?? '');
    expect(await page.locator('.tree .differs').count()).to.be.at.least(2);
    const text = await said(page);
    for (const part of [
      'First answers',
      'Read again, 1',
      'data_drift',
      'the client asked',
      'read again (1)',
      'curl -sS',
    ])
      expect(text).to.contain(part);
    expect(await page.locator('a[href^="https://traces.example/trace/"]').count()).to.equal(1);
  });

  it('pauses a route, changes its sampling and switches shadowing off and on, each with who and why', async () => {
    const { page, complaints } = await show('#/control');
    await page.getByLabel('Your name').fill('Grace');
    await page.getByLabel('Reason for the next change').fill('deploying');
    await page.getByText('Sampling by route').click();
    await page.getByLabel('Find a route').fill('/api/levels');
    await page.getByRole('button', { name: 'Pause GET /api/levels' }).click();
    await page.getByRole('button', { name: 'Resume GET /api/levels' }).click();
    await page.getByRole('button', { name: 'Pause GET /api/levels' }).waitFor();
    await page.getByLabel('Share of GET /api/levels').selectOption('0.5');
    await page.getByRole('button', { name: 'Pause content' }).click();
    await page.getByRole('button', { name: 'Resume content' }).click();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('Shadowing is off').waitFor();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('Shadowing is on').waitFor();
    for (const part of ['Grace', 'deploying', 'GET /api/levels', 'shadowing off', 'shadowing on'])
      await page.locator('main').getByText(part).first().waitFor();
    expect(complaints).to.deep.equal([]);
    const share = async (): Promise<number | undefined> => {
      const { routes } = await service.proxy.get<Controlled>('/api/control');
      return routes.find(({ key }) => key === 'GET /api/levels')?.policy.sample;
    };
    await until(async () => (await share()) === 0.5, 50);
    // Back again: every second read of the route would be missed by whoever reads it later.
    await Promise.all([
      page.waitForResponse((answer) => answer.request().method() === 'PATCH'),
      page.getByLabel('Share of GET /api/levels').selectOption('1'),
    ]);
    expect(await share()).to.equal(1);
  });

  it('keeps a decision by button and lists it in the history', async () => {
    const { page, complaints } = await show('#/gate/wallet');
    await page.getByRole('button', { name: 'Decide now and keep it' }).click();
    await page.locator('tbody tr').first().waitFor();
    expect(await page.locator('pre.copy').textContent()).to.contain('### Gate of wallet');
    expect(complaints).to.deep.equal([]);
  });

  it('takes another window, and a part of it by dragging over the chart', async () => {
    const { page, complaints } = await show('#/');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const [answer] = await Promise.all([
      page.waitForResponse((one) => one.url().includes('/api/series?hours=6')),
      page.getByLabel('Window').selectOption('6'),
    ]);
    await answer.finished();
    await settled(page);
    await page.locator('.u-over').waitFor();
    const box = await page.locator('.u-over').boundingBox();
    if (box === null) throw new Error('the chart has no place');
    await page.locator('.u-over').scrollIntoViewIfNeeded();
    const at = (await page.locator('.u-over').boundingBox()) ?? box;
    await page.mouse.move(at.x + at.width * 0.6, at.y + 40);
    await page.mouse.down();
    await page.mouse.move(at.x + at.width - 2, at.y + 60, { steps: 5 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Whole window' }).click();
    expect(asked.some((url) => url.includes('/api/series?hours=6'))).to.equal(true);
    expect(asked.some((url) => /\/api\/series\?from=\d+&to=\d+/.test(url))).to.equal(true);
    expect(complaints).to.deep.equal([]);
  });

  it('shows new reads without a reload', async () => {
    const { page } = await show('#/domain/points');
    const compared = async (): Promise<number> => {
      const row = page.locator('tbody tr', { hasText: 'GET /api/levels' });
      const told = await row.getByRole('img').getAttribute('aria-label');
      return Number(/match (\d+)/.exec(told ?? '')?.[1] ?? 0);
    };
    const before = await compared();
    await until(async () => {
      // A busy machine may shed one.
      await (await fetch(`${service.proxy.url}/api/levels`)).text();
      return (await compared()) > before;
    }, 200);
  });

  it('is used by keyboard: the skip link, and the focus in the content after each navigation', async () => {
    const { page } = await show('#/');
    await page.reload();
    await page.waitForSelector('main table');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).to.equal('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).to.equal('MAIN');
    await page.getByRole('link', { name: 'Control' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Control' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).to.equal('MAIN');
    await page.waitForFunction("document.title.includes('control')");
  });

  it('says when the port is gone, and follows again once it is back', async () => {
    const { hostname, port } = new URL(service.proxy.admin);
    const gate = await startTcpGate(hostname, Number(port));
    const seen = await openPage(browser, `http://127.0.0.1:${gate.port}/#/`);
    open.push(seen);
    await seen.page.getByText('● live').waitFor();
    await seen.page.locator('tbody tr').first().waitFor();
    gate.set('shut');
    await seen.page.getByText('○ reconnecting').waitFor();
    expect(await seen.page.locator('tbody tr').count()).to.be.greaterThan(0);
    gate.set('open');
    await seen.page.getByText('● live').waitFor();
    await gate.close();
  });

  if (sized(false, true))
    describe('with hostile rows', () => {
      /** More than a page shows and than one answer of the API holds. */
      const ROWS = 10_000;
      let rows: Awaited<ReturnType<typeof insertHostileRows>>;
      before(async () => {
        rows = await insertHostileRows(service.journal, ROWS);
      });

      it(`shows ${ROWS} of each kind as text, in three screens, within the window, without a script run`, async () => {
        const { page, complaints } = await show('#/control');
        for (const hash of [
          '#/',
          '#/faults',
          `#/fault/${encodeURIComponent(rows.fault)}`,
          '#/fingerprints',
          '#/mismatches',
          `#/mismatch/${rows.mismatch}`,
          '#/domain/payments',
          '#/gate/payments',
          '#/control',
        ]) {
          await visit(page, service.proxy.admin, hash);
          for (const { width, height, suffix } of SIZES) {
            await page.setViewportSize({ width, height });
            await settled(page);
            expect(await tooWide(page), `${hash}${suffix} is wider than the window`).to.equal(0);
            expect(await screens(page), `${hash}${suffix} in screens`).to.be.at.most(MOST_SCREENS);
          }
          await page.setViewportSize({ width: 1_280, height: 900 });
          expect(await page.locator('main :is(script, iframe, img, [onload], [onerror])').count(), hash).to.equal(0);
          expect(await page.locator('a[href^="javascript:" i]').count(), hash).to.equal(0);
          const text = await said(page);
          expect(text, hash).to.equal(visibleLines(text));
          expect(complaints, hash).to.deep.equal([]);
        }
        await page.goto(`${service.proxy.admin}/#/mismatch/${rows.mismatch}`);
        await page.getByRole('heading', { name: 'What differs' }).waitFor();
        expect(await said(page))
          .to.contain('<img src=x onerror=alert(1)>')
          .and.contain('\\u202egnp.exe');
        await page.goto(`${service.proxy.admin}/#/domain/${encodeURIComponent(HOSTILE[1])}`);
        await page.getByRole('alert').first().waitFor();
        expect(await page.locator('main img').count()).to.equal(0);
      });

      it(`pages through ${ROWS}, each once, by keyset`, async () => {
        const { journal } = service;
        const seen = new Set<string>();
        let before: string | null = null;
        let found = 0;
        let deep = '';
        do {
          const page: { mismatches: { id: string }[]; next: string | null } = await service.proxy.get(
            `/api/mismatches?limit=1000${before === null ? '' : `&before=${before}`}`,
          );
          for (const { id } of page.mismatches) seen.add(id);
          found += page.mismatches.length;
          deep = page.mismatches[0]?.id ?? deep;
          before = page.next;
        } while (before !== null);
        expect(found).to.equal(seen.size);
        expect(found).to.be.greaterThan(ROWS);
        const plan = await journal`
          explain select id from shadowread.mismatches
          where at <= (select at from shadowread.mismatches where id = ${deep} limit 1) and (at, id) < ((select at from shadowread.mismatches where id = ${deep} limit 1), ${deep})
          order by at desc, id desc limit 51`;
        expect(JSON.stringify(plan)).to.contain('Index').and.not.match(/"Sort/);

        const { page } = await show('#/mismatches');
        const older = page.getByRole('button', { name: 'Older ones' });
        for (const wanted of [40, 60, 80]) {
          await older.click();
          await page.locator(`main tbody tr:nth-child(${wanted})`).waitFor();
          expect(await page.locator('main tbody tr').count()).to.equal(wanted);
        }
      });
    });

  it('says that the journal is down, keeps what it showed, and comes back by itself', async () => {
    const { page } = await show('#/fingerprints');
    await service.journal`alter table shadowread.fingerprints rename to away`;
    try {
      await page.getByText('Shown as of').waitFor();
      expect(await page.locator('tbody tr').count()).to.be.greaterThan(0);
      const fresh = await openPage(browser, `${service.proxy.admin}/#/fingerprints`);
      open.push(fresh);
      await fresh.page.getByRole('alert').getByText('SHADOW_JOURNAL').waitFor();
      expect(await seriousFindings(fresh.page)).to.deep.equal([]);
    } finally {
      await service.journal`alter table shadowread.away rename to fingerprints`;
    }
    await page.getByText('Shown as of').waitFor({ state: 'detached' });
  });
});

describe('the dashboard of a port with tokens', () => {
  let proxy: ProxyProcess;
  const TOKEN = 'a token that is long enough'.replaceAll(' ', '-');

  /** 160 routes of one domain, and 40 domains with one. */
  const MANY = Array.from({ length: 200 }, (_, i) => {
    const domain = i < 160 ? 'orders' : `domain-with-a-long-name-${i}`;
    return `{ pattern: '/api/${domain}/part-${i}/:id', domain: ${domain}, rules: { object: {} } }`;
  });

  before(async function () {
    if (!hasChromium()) this.skip();
    proxy = await startProxyProcess(
      { SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9', SHADOWREAD_ADMIN_TOKEN: TOKEN },
      `routes: { table: none, entries: [${MANY.join(', ')}] }`,
    );
  });
  after(async () => {
    await (await started)?.close();
    await proxy?.stop();
  });

  it('asks for the token, keeps it out of the reach of scripts, and folds forty domains and two hundred routes', async () => {
    const { page, complaints } = await openPage(await theBrowser(), `${proxy.admin}/`);
    const field = page.getByLabel('Admin token');
    await field.fill('wrong-wrong-wrong-wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await seriousFindings(page)).to.deep.equal([]);
    await field.fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('No journal is configured').waitFor();
    expect(await page.evaluate('document.cookie')).to.equal('');
    expect(await page.evaluate('JSON.stringify(localStorage)')).to.not.contain(TOKEN);
    await page.getByText('● live').waitFor();
    // Chromium itself reports each refused answer; nothing else may complain.
    expect(complaints.filter((text) => !text.includes('401'))).to.deep.equal([]);
    complaints.length = 0;
    for (const [hash, more] of [
      ['#/', /^Show \d+ more domains$/],
      ['#/domain/orders', /^Show 1\d\d more routes$/],
      ['#/control', /^Show \d+ more domains$/],
    ] as const) {
      await page.goto(`${proxy.admin}/${hash}`);
      for (const { width, height, suffix } of SIZES) {
        await page.setViewportSize({ width, height });
        await page.getByRole('button', { name: more }).waitFor();
        await settled(page);
        expect(await screens(page), `${hash}${suffix} in screens`).to.be.at.most(MOST_SCREENS);
        expect(await tooWide(page), `${hash}${suffix} is wider than the window`).to.equal(0);
      }
      // As it is made for a wide window: one that was made for a phone follows some time after the window.
      await visit(page, proxy.admin, hash);
      await page.getByRole('button', { name: more }).waitFor();
      const shown = await page.locator('main tbody tr').count();
      await page.getByRole('button', { name: more }).click();
      const fewer = page.getByRole('button', { name: /^Only the first/ });
      await fewer.waitFor();
      expect(await page.locator('main tbody tr').count(), hash).to.be.greaterThan(shown);
      await fewer.click();
      await fewer.waitFor({ state: 'detached' });
      expect(await page.locator('main tbody tr').count(), hash).to.equal(shown);
    }
    expect(complaints).to.deep.equal([]);
    // A token that is another one now: the page asks for it, and comes back to where it was.
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Overview' }).click();
    await field.fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('● live').waitFor();
    await page.context().close();
  });
});
