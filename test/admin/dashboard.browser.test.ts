import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, openPage, overflow, type Seen, seriousFindings, startBrowser } from '../support/browser.ts';
import { insertMismatches } from '../support/journal-rows.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { type FaultyService, faultyService } from '../support/service.ts';
import { startTcpGate } from '../support/tcp-gate.ts';

/** Everything that a page asked for is there. */
const settled = (page: Page): Promise<void> =>
  page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });

const PHONE = 390;
/** Colours are the same at any width: axe looks at them once each. */
const LOOKS = [
  { suffix: '-phone', colorScheme: 'light', width: PHONE },
  { suffix: '-dark', colorScheme: 'dark', width: 1_280 },
  { suffix: '', colorScheme: 'light', width: 1_280 },
] as const;

interface Listed {
  readonly mismatches: readonly { readonly id: string; readonly cause: string }[];
}

interface Faulty {
  readonly faults: readonly { readonly id: string; readonly field: string | null }[];
}

interface Controlled {
  readonly routes: readonly { readonly key: string; readonly policy: { readonly sample: number } }[];
}

describe('the dashboard in Chromium', function () {
  this.timeout(120_000);
  let service: FaultyService;
  let browser: Browser;
  let places: Readonly<Record<string, string>>;
  const open: Seen[] = [];

  before(async function () {
    if (!hasChromium()) {
      console.log('      skipped: there is no Chromium (CHROMIUM_PATH)');
      this.skip();
    }
    [service, browser] = await Promise.all([faultyService({ reads: 200 }), startBrowser()]);
    const { mismatches } = await service.proxy.get<Listed>('/api/mismatches?limit=200');
    const id = (mismatches.find(({ cause }) => cause === 'data_drift') ?? mismatches[0])?.id ?? '';
    const { faults } = await service.proxy.get<Faulty>('/api/faults?cause=data_drift');
    places = {
      overview: '#/',
      domain: '#/domain/payments',
      faults: '#/faults',
      fault: `#/fault/${faults[0]?.id}`,
      fingerprints: '#/fingerprints',
      mismatches: '#/mismatches',
      mismatch: `#/mismatch/${id}`,
      gate: '#/gate/payments',
      control: '#/control',
    };
  });
  afterEach(async () => {
    for (const { page } of open.splice(0)) await page.context().close();
  });
  after(async () => {
    await browser?.close();
    await service?.close();
  });

  const show = async (hash: string, look: Parameters<typeof openPage>[2] = {}): Promise<Seen> => {
    const seen = await openPage(browser, `${service.proxy.admin}/${hash}`, look);
    open.push(seen);
    await seen.page.waitForSelector('main :is(table, dl, .checks)');
    return seen;
  };
  const said = async (page: Page): Promise<string> => (await page.locator('main').textContent()) ?? '';

  it('opens every page in light and dark, wide and on a phone, without a complaint, a serious finding or a sideways scroll', async () => {
    const { page, complaints } = await show('#/');
    for (const [name, hash] of Object.entries(places)) {
      await page.goto(`${service.proxy.admin}/${hash}`);
      await page.waitForSelector('main :is(table, dl, .checks)');
      await settled(page);
      expect(await page.evaluate('document.querySelector("main :is(h1, h2)").tagName'), name).to.equal('H1');
      if (name === 'domain') await page.locator('tbody button').first().click();
      for (const { suffix, colorScheme, width } of LOOKS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: width === PHONE ? 844 : 1_000 });
        if (width !== PHONE) expect(await seriousFindings(page), `${name}${suffix}`).to.deep.equal([]);
        expect(await overflow(page), `${name}${suffix} is wider than the window`).to.be.at.most(0);
        if (width !== PHONE) {
          const screens = Number(await page.evaluate('document.documentElement.scrollHeight / innerHeight'));
          expect(screens, `${name}${suffix} in screens`).to.be.at.most(3);
        }
      }
      expect(complaints, name).to.deep.equal([]);
    }
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
    await dialog.getByText('shows it no more').first().waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.badge', { hasText: 'repaired' }).first().waitFor();
    await page.getByText('ticket 9').first().waitFor();
    await page.getByText('repair: update, repaired').waitFor();
    await page.getByRole('button', { name: `Ask again ${fault?.id}` }).click();
    await page.getByText('shows it no more').first().waitFor();
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
    const text = await said(page);
    for (const part of ['Grace', 'deploying', 'GET /api/levels', 'shadowing off', 'shadowing on'])
      expect(text).to.contain(part);
    expect(complaints).to.deep.equal([]);
    const share = async (): Promise<number | undefined> => {
      const { routes } = await service.proxy.get<Controlled>('/api/control');
      return routes.find(({ key }) => key === 'GET /api/levels')?.policy.sample;
    };
    expect(await share()).to.equal(0.5);
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
    await page.getByLabel('Window').selectOption('6');
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
    // `0 % of 12 (at most …)`
    const compared = async (): Promise<number> => {
      const rate = await page.locator('tbody tr', { hasText: 'GET /api/levels' }).locator('td').first().textContent();
      return Number(/of (\d+)/.exec(rate ?? '')?.[1]);
    };
    const before = await compared();
    await fetch(`${service.proxy.url}/api/levels`);
    await fetch(`${service.proxy.url}/api/levels`);
    await service.proxy.quiet();
    for (let tries = 0; (await compared()) <= before; tries += 1) {
      if (tries > 300) throw new Error(`still ${before}`);
      await page.waitForTimeout(50);
    }
  });

  it('is used by keyboard: the skip link, and the focus in the content after each navigation', async () => {
    const { page } = await show('#/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).to.equal('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).to.equal('MAIN');
    await page.getByRole('link', { name: 'Control' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Control' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).to.equal('MAIN');
    expect(await page.title()).to.contain('control');
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

  describe('with hostile rows', () => {
    const CORPUS = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '"><svg onload=alert(1)>',
      'javascript:alert(1)',
      "'-alert(1)-'",
      '</code></table><iframe srcdoc="<script>alert(1)</script>">',
      '{{constructor.constructor("alert(1)")()}}',
      '\u202Egnp.exe',
    ];
    it('shows each of an XSS corpus as text, in paths, targets, notes, owners, failures and requests', async () => {
      const { journal } = service;
      for (const [at, text] of CORPUS.entries()) {
        await fetch(`${service.proxy.url}/api/users/${encodeURIComponent(text)}?q=${encodeURIComponent(text)}`, {
          headers: { 'user-agent': text.replaceAll(/[^\x20-\x7e]/g, ''), cookie: `x=${encodeURIComponent(text)}` },
        }).then((answer) => answer.text());
        const sample = [{ path: text, kind: text, rule: text, measure: { of: 'none' } }];
        await journal`
          insert into shadowread.fingerprints (fingerprint, domain, route, kinds, sample, fatal, state, owner, reason, expires_at, first_seen, last_seen, n)
          values (${`${at} ${text}`}, ${text}, ${text}, '{value}', ${journal.json(sample)}, true, 'acknowledged', ${text}, ${text}, now() + interval '1 day', now(), now(), 5)`;
        await journal`
          insert into shadowread.failures (domain, route, verdict, reason, n, last_at, detail)
          values ('payments', ${text}, 'twin_error', ${text}, 1, now(), ${text})`;
        await journal`insert into shadowread.audit (who, what, subject, reason) values (${text}, ${text}, ${text}, ${text})`;
      }
      const hostile = CORPUS.join(' ');
      const [id] = await insertMismatches(journal, 1, (verdict) => ({
        ...verdict,
        request: { method: 'GET', target: hostile },
        cause: {
          cause: 'data_drift',
          note: hostile,
          entities: [{ collection: hostile, mongoId: hostile, uuid: hostile, state: 'drift', fields: [] }],
        },
        differences: CORPUS.map((path) => ({
          path,
          kind: 'value',
          rule: path,
          measure: { of: 'number', delta: path, unit: path },
          primary: { type: 'string', length: 3, hash: null, value: path },
          twin: { type: 'object', length: 1, hash: null, value: { [path]: path } },
        })),
        trace: { traceId: 'javascript:alert(1)' },
      }));
      const { page, complaints } = await show('#/');
      for (const hash of [
        '#/',
        '#/fingerprints',
        '#/mismatches',
        '#/domain/payments',
        '#/control',
        `#/mismatch/${id}`,
      ]) {
        await page.goto(`${service.proxy.admin}/${hash}`);
        await page.waitForSelector('main :is(table, dl, .checks)');
        await settled(page);
        expect(await page.locator('main :is(script, iframe, img, [onload], [onerror])').count(), hash).to.equal(0);
        expect(await page.locator('a[href^="javascript:" i]').count(), hash).to.equal(0);
        expect(complaints, hash).to.deep.equal([]);
      }
      expect(await said(page)).to.contain('<img src=x onerror=alert(1)>');
      await page.goto(`${service.proxy.admin}/#/domain/${encodeURIComponent(CORPUS[1] ?? '')}`);
      await page.getByRole('alert').first().waitFor();
      expect(await page.locator('main img').count()).to.equal(0);
    });

    it('pages through ten thousand, each once, by keyset', async () => {
      const { journal } = service;
      await insertMismatches(journal, 10_000);
      await journal`analyze shadowread.mismatches`;
      const seen = new Set<string>();
      let before: string | null = null;
      let rows = 0;
      let deep = '';
      do {
        const page: { mismatches: { id: string }[]; next: string | null } = await service.proxy.get(
          `/api/mismatches?limit=1000${before === null ? '' : `&before=${before}`}`,
        );
        for (const { id } of page.mismatches) seen.add(id);
        rows += page.mismatches.length;
        deep = page.mismatches[0]?.id ?? deep;
        before = page.next;
      } while (before !== null);
      expect(rows).to.equal(seen.size);
      expect(rows).to.be.greaterThan(10_000);
      const plan = await journal`
        explain select id from shadowread.mismatches
        where at <= (select at from shadowread.mismatches where id = ${deep} limit 1) and (at, id) < ((select at from shadowread.mismatches where id = ${deep} limit 1), ${deep})
        order by at desc, id desc limit 51`;
      expect(JSON.stringify(plan)).to.contain('Index').and.not.match(/"Sort/);

      const { page } = await show('#/mismatches');
      const older = page.getByRole('button', { name: 'Older ones' });
      for (const wanted of [60, 90, 120]) {
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

describe('the dashboard of a port with tokens', function () {
  this.timeout(60_000);
  let proxy: ProxyProcess;
  let browser: Browser;
  const TOKEN = 'a token that is long enough'.replaceAll(' ', '-');

  before(async function () {
    if (!hasChromium()) this.skip();
    browser = await startBrowser();
    proxy = await startProxyProcess({
      SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
      SHADOWREAD_ADMIN_TOKEN: TOKEN,
    });
  });
  after(async () => {
    await browser?.close();
    await proxy?.stop();
  });

  it('asks for the token, refuses a wrong one with words, and keeps the right one out of the reach of scripts', async () => {
    const { page, complaints } = await openPage(browser, `${proxy.admin}/`);
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
    await page.context().close();
  });
});
