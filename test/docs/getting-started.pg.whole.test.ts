/** Everything that docs/getting-started.md tells to type, typed in one shell in that order; what it shows is what is answered. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { startProgram } from '../support/child.ts';
import { freshDatabase } from '../support/stores.ts';
import { ROOT } from './read-pages.ts';

interface Block {
  readonly language: string;
  readonly text: string;
}

const PAGE = readFileSync(`${ROOT}docs/getting-started.md`, 'utf8');
const blocks: readonly Block[] = [...PAGE.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
);

/** Before each block of commands. */
const MARK = '=== block';
/** `sleep` waits for what it stands for on the page: that every read is judged and journalled. */
const WAIT = `
const read = (path) => fetch(process.env.ADMIN + path).then((answer) => answer.json());
for (let rest = 1; rest > 0; ) {
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const { inFlight, queued, journal } = await read('/api/status');
  rest = inFlight + queued + journal.buffered;
}`;

/** Words whose figures, ids and times are those of one run. */
const plain = (line: string): string =>
  line
    .replaceAll(/\b[0-9a-z]*\d[0-9a-z]*(?:-[0-9a-f]+)*\b/gi, 'N')
    .replaceAll(/N(?:[.,:]N)+/g, 'N')
    // A figure that this run may not have.
    .replaceAll('–', 'N')
    .replaceAll(/N (?:ms|s|min|%)(?![a-z])/g, 'N')
    .replaceAll(/\s+/g, ' ')
    .trim();

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return servers.map((server) => {
    const address = server.address();
    server.close();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
}

describe('docs/getting-started.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-getting-started-'));
  let shell: ChildProcess | undefined;
  let commands: ChildProcess | undefined;
  let sections: readonly string[] = [];

  before(async () => {
    const [primary = 0, twin = 0, proxy = 0, admin = 0] = await freePorts(4);
    const here = (text: string): string =>
      text.replaceAll(':3000', `:${primary}`).replaceAll(':3001', `:${twin}`).replaceAll(':8080', `:${proxy}`);
    for (const { text } of blocks.filter(({ language }) => language === 'js'))
      writeFileSync(join(folder, /^\/\/ ([\w.]+):/.exec(text)?.[1] ?? ''), here(text));
    writeFileSync(join(folder, 'wait.mjs'), WAIT);
    const journal = await freshDatabase();
    const lines = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => [
        `echo "${MARK}"`,
        ...here(text)
          .replaceAll(/ (300[01])\b/g, (_, port) => ` ${port === '3000' ? primary : twin}`)
          .replaceAll(/postgres:\/\/\S+/g, () => journal)
          .replaceAll('<id>', '"$(first)"')
          .split('\n')
          // Whoever reads the page is slower than a process that starts.
          .flatMap((line) => {
            const port = /^node orders\.mjs \w+ (\d+)/.exec(line)?.[1];
            return port === undefined ? [line] : [line, `curl -s -o /dev/null http://127.0.0.1:${port}/`];
          }),
      ]);
    commands = startProgram(import.meta.url, 'commands-main.ts', [folder]);
    const [line] = await once(createInterface({ input: commands.stdout ?? process.stdin }), 'line');
    const script = `
      npm() { :; }
      npx() {
        shift
        case "$1" in
          learn | proxy) node "$BIN" "$@" ;;
          *) { printf '%s\\0' "$#" "$@"; env -0; } | command curl -sS --data-binary @- "$COMMANDS"; cat stderr >&2 ;;
        esac
      }
      curl() { command curl --retry-connrefused --retry 100 --retry-delay 1 "$@"; echo; }
      first() { npx shadowread mismatches --route "GET /orders" --limit 1 --json | node -pe 'JSON.parse(require("fs").readFileSync(0)).mismatches[0].id'; }
      sleep() { node wait.mjs; }
      ${lines.join('\n')}
      kill -INT $(jobs -p)`;
    shell = spawn('bash', ['-c', script], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`,
        HOME: folder,
        BIN: join(ROOT, 'bin', 'shadowread.js'),
        COMMANDS: String(line),
        ADMIN: `http://127.0.0.1:${admin}`,
        SHADOWREAD_PORT: String(proxy),
        SHADOWREAD_ADMIN_PORT: String(admin),
      },
    });
    let said = '';
    const take = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
    };
    shell.stdout?.on('data', take);
    shell.stderr?.on('data', take);
    await once(shell, 'exit');
    sections = said.split(`${MARK}\n`).slice(1);
  });
  after(() => {
    commands?.kill('SIGKILL');
    try {
      if (shell?.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    } catch {
      // Its whole group has ended.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  let nth = -1;
  for (const [at, { language, text }] of blocks.entries()) {
    if (language === 'sh') nth += 1;
    const section = nth;
    const [what = ''] = (blocks[at - 1]?.text ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .slice(-1);
    if (language === 'text')
      it(`shows what is answered to: ${what}`, () => {
        const answered = (sections[section] ?? '').split('\n').map(plain);
        for (const line of text.split('\n').filter((one) => one.trim() !== '' && !one.includes('…')))
          expect(answered, line).to.include(plain(line));
      });
    if (language === 'yaml')
      it('shows lines of the draft', () => {
        const draft = readFileSync(join(folder, 'shadowread.yaml'), 'utf8').split('\n').map(plain);
        for (const line of text.trimEnd().split('\n')) expect(draft, line).to.include(plain(line));
      });
  }
});
