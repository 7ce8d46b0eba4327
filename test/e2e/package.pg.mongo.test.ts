import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { freshDatabase } from '../support/stores.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = async (): Promise<Manifest> => JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

describe('the package', function () {
  this.timeout(120_000);

  it('lists what it ships, and builds before it is packed', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
    const said: unknown = JSON.parse(stdout);
    const [packed] = Array.isArray(said) ? said : Object.values(Object(said));
    const paths = (packed as { files: readonly { path: string }[] }).files.map(({ path }) => path);
    expect(paths).to.include.members(['bin/shadowread.js', 'config/default.yaml', 'otel/rules.yml', 'LICENSE']);
    expect(paths.filter((path) => /^(src|test|bench|node_modules)\//.test(path))).to.deep.equal([]);
    const { files, scripts } = await manifest();
    expect(files).to.include('dist');
    expect(scripts.prepack).to.equal(scripts.build);
  });

  it('depends on nothing that it does not import, but for the Node that it brings', async () => {
    const sources = await textsBelow(['src', 'otel', 'bin']);
    const { dependencies } = await manifest();
    const unused = Object.keys(dependencies).filter(
      (name) => !sources.some((text) => text.includes(`'${name}'`) || text.includes(`'${name}/`)),
    );
    expect(unused).to.deep.equal(['node']);
  });

  describe('where it is installed', () => {
    let folder: string;
    let bin: string;
    let on: Amanat;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'shadowread-installed-'));
      const home = join(folder, 'node_modules', 'shadowread');
      await mkdir(home, { recursive: true });
      for (const name of await readdir(join(ROOT, 'node_modules')))
        if (!name.startsWith('.')) await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
      for (const path of ['bin', 'config', 'package.json'])
        await cp(join(ROOT, path), join(home, path), { recursive: true });
      await run(process.execPath, [join(ROOT, 'config', 'build.ts'), join(home, 'dist')]);
      bin = join(home, 'bin', 'shadowread.js');
      on = await freshAmanat();
    });
    after(async () => {
      await on?.close();
      await rm(folder, { recursive: true, force: true });
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
        for (let tries = 0; verified === 0 && tries < 300; tries += 1) {
          await (await fetch(`${proxy}/api/levels`)).text();
          await new Promise((resolve) => setTimeout(resolve, 100));
          const now = (await (await fetch(`${admin}/api/status`)).json()) as { verdicts: Record<string, number> };
          verified = now.verdicts.match ?? 0;
        }
        expect(verified).to.be.greaterThan(0);
        for (const path of ['/', '/assets/app.js', '/vendor/htm.js', '/vendor/pico.css'])
          expect((await fetch(`${admin}${path}`)).status, path).to.equal(200);
      } finally {
        await serving.stop();
      }
    });
  });
});

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
