/** The whole way of a newcomer, by the commands of docs/adding-an-api.md: learn, config check, proxy, faults, gate. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { authors, books, readers } from '../../examples/bookshop/data.ts';
import { startChild } from '../../src/amanat/demo/child.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { type Bookshop, openBookshop, visit } from '../support/bookshop.ts';
import { freshJournal } from '../support/journal-database.ts';
import { conserved, type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { runCommand } from '../support/run-command.ts';
import { sized } from '../support/sized.ts';
import { documentedCommands } from './documented.ts';

const LEARNED = sized(600, 1_500);
const READ = sized(300, 2_000);

interface Mismatches {
  readonly mismatches: readonly { readonly paths: readonly string[] }[];
}

describe('the bookshop, by what learn drafts alone', () => {
  let shop: Bookshop;
  let folder: string;
  let file: string;
  let journalUrl: string;
  let proxy: ProxyProcess;
  const times: string[] = [];
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    times.push(`${what} ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    return result;
  };

  /** The last command of this name in the docs, with the draft where this test keeps it. */
  const documented = async (command: string): Promise<readonly string[]> => {
    const found = (await documentedCommands()).findLast(([name]) => name === command) ?? [];
    return found.map((part) => (part === 'shadowread.yaml' ? file : part));
  };

  before(async () => {
    [shop, journalUrl, folder] = await Promise.all([
      openBookshop(),
      freshJournal(),
      mkdtemp(join(tmpdir(), 'shadowread-newcomer-')),
    ]);
    file = join(folder, 'shadowread.yaml');
  });
  after(async () => {
    console.log(`      the way of a newcomer: ${times.join(', ')}`);
    await proxy?.stop();
    await shop?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('learn drafts a config from traffic that passes through it', async () => {
    await timed('learn', async () => {
      const learning = await startChild('learn', await documented('learn'), {
        SHADOWREAD_PRIMARY_URL: shop.primary,
        SHADOWREAD_TWIN_URL: shop.twin,
        SHADOWREAD_PORT: '0',
      });
      await visit(shop, String(learning.ready.proxy).replace('0.0.0.0', '127.0.0.1'), LEARNED, seeded(1));
      await learning.stop(120_000);
      expect(await learning.ended).to.equal(0);
    });
    const text = await readFile(file, 'utf8');
    if (process.env.SHOW_DRAFT !== undefined) console.log(text);
    for (const line of [
      /author: \{ ref: authors \}|_id: \{ ref: authors \}/,
      /price: \{ money: \{ scale: 2 \} \} # the same decimal: [\d,]+ of [\d,]+ pairs/,
      /published: instant # instant: [\d,]+ of [\d,]+ pairs/,
      /subtitle: text\? # equal: .*null for absent/,
      /perCaller: true/,
      /headers: \[ link \]/,
      /genre: \{ oneOf: \[ crime, poetry, science, travel \] \}/,
    ]) {
      expect(text).to.match(line);
    }
  });

  it('which config check takes as it is', async () => {
    const { status, err, out } = await timed('config check', async () => runCommand(await documented('config')));
    expect(status, err).to.equal(0);
    expect(out).to.contain('/v1/authors/:id/books');
  });

  it(`0 mismatches in ${READ} reads beside writes`, async () => {
    await appendFile(
      file,
      `
settle: { delaysMs: [60, 200, 800] }
verifier: { niceness: 0 }
shadow: { control: 0.02 }
journal: { flushMs: 100 }
limits: { recheckPerSecond: 500 }
`,
    );
    proxy = await startProxyProcess(
      {
        SHADOWREAD_PRIMARY_URL: shop.primary,
        SHADOWREAD_TWIN_URL: shop.twin,
        SHADOWREAD_JOURNAL_URL: journalUrl,
      },
      await readFile(file, 'utf8'),
    );
    const { verdicts } = await timed(`${READ} reads`, async () => {
      await visit(shop, proxy.url, READ, seeded(2), () => proxy.until(({ queued }) => queued < 10));
      return proxy.quiet();
    });
    const status = await proxy.status();
    expect(conserved(status)).to.equal(true);
    const wrong = verdicts.mismatch > 0 ? await proxy.get<unknown>('/api/mismatches?limit=3') : [];
    expect(verdicts.mismatch, JSON.stringify(wrong)).to.equal(0);
    const routes = await proxy.get<readonly { readonly key: string; readonly reasons: unknown }[]>('/api/routes');
    const reasons = JSON.stringify([verdicts, routes.map(({ key, reasons: why }) => [key, why])]);
    expect(verdicts.match + verdicts.settled, reasons).to.be.at.least(READ * 0.95);
    expect(verdicts.twin_error + verdicts.twin_timeout + verdicts.unstable).to.equal(0);
  });

  it('passes the gate, in ids of the twin’s own', async () => {
    const gated = join(folder, 'gated.yaml');
    // Fewer reads bound a rate less tightly.
    const [perRoute, bound] = [sized(6, 20), sized(0.4, 0.1)];
    const limits = `{ representation: twin, minimumPerRoute: ${perRoute}, minimumPerShape: 1, mismatchLimit: ${bound}, failureLimit: ${bound}, latencyRatio: 100, settledLimit: 0.5, settleP99Ms: 20000 }`;
    await writeFile(gated, (await readFile(file, 'utf8')).replace(/^gate:\n.*\n/m, `gate: ${limits}\n`));
    const { status, out, err } = await runCommand(
      ['gate', 'authors', '--wait', '300s', '--config', gated, '--format', 'table'],
      {
        SHADOWREAD_JOURNAL_URL: journalUrl,
      },
    );
    expect(status, out + err).to.equal(0);
  });

  const at = (n: number) => String(books[n]?._id);
  const author = (n: number) => String(authors[n]?._id);
  const FAULTS: readonly (readonly [
    what: string,
    sql: string,
    read: string,
    path: RegExp,
    token?: string | undefined,
  ])[] = [
    [
      'a price off by a cent',
      `update books set price = price + 0.01 where old_id = '${at(1)}'`,
      `/v1/books/${at(1)}`,
      /price/,
    ],
    [
      'another author',
      `update books set author_id = (author_id % 25) + 1 where old_id = '${at(2)}'`,
      `/v1/books/${at(2)}`,
      /author/,
    ],
    ['a lost row', `delete from books where old_id = '${at(3)}'`, `/v1/books/${at(3)}`, /#status/],
    [
      'an instant off by an hour',
      `update books set published = published + interval '1 hour' where old_id = '${at(4)}'`,
      `/v1/books/${at(4)}`,
      /published/,
    ],
    [
      'a boolean turned',
      `update books set in_stock = not in_stock where old_id = '${at(5)}'`,
      `/v1/books/${at(5)}`,
      /inStock/,
    ],
    [
      'empty text for null',
      `update books set subtitle = '' where old_id = '${at(6)}'`,
      `/v1/books/${at(6)}`,
      /subtitle/,
    ],
    [
      'a lost element of a list',
      `update books set tags = tags[1:2] where old_id = '${at(7)}'`,
      `/v1/books/${at(7)}`,
      /tags/,
    ],
    [
      'a blank at the end',
      `update books set title = title || ' ' where old_id = '${at(8)}'`,
      `/v1/books/${at(8)}`,
      /title/,
    ],
    [
      'null for a value',
      `update authors set site = null where old_id = '${author(1)}'`,
      `/v1/authors/${author(1)}`,
      /site/,
    ],
    ['another case', `update books set genre = upper(genre) where old_id = '${at(9)}'`, `/v1/books/${at(9)}`, /genre/],
    [
      'a count that is wrong',
      `delete from reviews where id in (select id from reviews where book_id = (select id from books where old_id = '${at(13)}') limit 1)`,
      `/v1/books/${at(13)}/rating`,
      /count/,
    ],
    [
      "another reader's answer",
      `update readers set read = '{"pages": 1, "finished": 1}' where token = '${readers[4]?.token}'`,
      '/v1/feed',
      /read/,
      readers[4]?.token,
    ],
  ];

  it(`each of ${FAULTS.length} injected faults is found, at its path`, async () => {
    await timed('faults', async () => {
      for (const [what, statement, read, path, token] of FAULTS) {
        await shop.sql.unsafe(statement);
        const before = (await proxy.status()).verdicts.mismatch;
        await (
          await fetch(
            `${proxy.url}${read}`,
            token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
          )
        ).arrayBuffer();
        const now = await proxy.quiet();
        expect(now.verdicts.mismatch, what).to.equal(before + 1);
        const { mismatches } = await proxy.get<Mismatches>('/api/mismatches?limit=1');
        expect(mismatches[0]?.paths.join(' '), what).to.match(path);
      }
    });
  });

  it('and the gate says so', async () => {
    const { status, out } = await timed('gate', () =>
      documented('gate').then((args) =>
        runCommand([...args, '--format', 'json'], { SHADOWREAD_JOURNAL_URL: journalUrl }),
      ),
    );
    expect(status).to.not.equal(0);
    expect(out).to.contain('books');
  });
});
