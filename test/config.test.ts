import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError, canBeReadAgain, loadConfig, needsRestart, printConfig, reloadConfig } from '../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'shadowread-config-'));
const write = (text: string): string => {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  return file;
};
const mistakesIn = (text: string, environment: Record<string, string> = {}) => {
  try {
    loadConfig(write(text), environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
};

describe('config', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('is valid without a file, by defaults alone', () => {
    const { config, file } = loadConfig(null, {});
    expect(file).to.equal(null);
    expect([config.listen.port, config.admin.port, config.admin.host]).to.deep.equal([8080, 9464, '127.0.0.1']);
  });

  it('config/default.yaml says what the defaults are', () => {
    const shipped = loadConfig(new URL('../config/default.yaml', import.meta.url).pathname, {});
    expect(shipped.config).to.deep.equal(loadConfig(null, {}).config);
  });

  it('that comes through a pipe is the same however often it is asked for, and is not reloaded as an empty one', function () {
    const fifo = join(folder, 'fifo');
    if (spawnSync('mkfifo', [fifo]).status !== 0) this.skip();
    spawn('sh', ['-c', `echo 'shadow: { sample: 0.5 }' > '${fifo}'`]);
    for (const _ of [1, 2]) expect(loadConfig(fifo, {}).config.shadow.sample).to.equal(0.5);
    expect(() => reloadConfig(fifo, {})).to.throw('gives its content once');
    expect([fifo, '-', write('{}')].map(canBeReadAgain)).to.deep.equal([false, false, true]);
  });

  it('is not reloaded from a file that somebody is about to write', () => {
    const file = write('shadow: { sample: 0.5 }');
    expect(reloadConfig(file, {}).config.shadow.sample).to.equal(0.5);
    expect(() => reloadConfig(write(' \n'), {})).to.throw('the config file is empty');
    expect(loadConfig(file, {}).config.shadow.sample, 'at a start').to.equal(1);
  });

  it('is UTF-8, with a byte order mark or without', () => {
    const file = join(folder, 'encoded.yaml');
    writeFileSync(file, '\ufeffshadow: { callerFields: [X-A] }');
    expect(loadConfig(file, {}).config.shadow.callerFields).to.deep.equal(['X-A']);
    writeFileSync(file, Buffer.from('# f\xfcr alle\nshadow: { sample: 0.5 }', 'latin1'));
    expect(() => loadConfig(file, {})).to.throw('readable YAML file in UTF-8');
  });

  const bad: readonly [what: string, text: string, line: number | null, path: string, message: RegExp][] = [
    ['a key that is not there', 'shadow:\n  smaple: 1\n', 2, 'shadow.smaple', /no such option/],
    ['a wrong type', 'limits:\n\n  queue: "many"\n', 3, 'limits.queue', /expected a number; found "many"/],
    ['a number out of range', 'twin: { concurrency: 0 }\n', 1, 'twin.concurrency', /at least 1; found 0/],
    ['a URL that is none', 'primary:\n  url: "mongo"\n', 2, 'primary.url', /http:\/\/ or https:\/\//],
    [
      'a word that is not among those',
      'twin: { representation: mine }',
      1,
      'twin.representation',
      /one of primary, twin, both/,
    ],
    ['sampling that samples nothing', 'shadow:\n  sample: 0\n', 2, 'shadow.sample', /more than 0/],
    ['an alias that names nothing', 'limits: *none\n', 1, '(yaml)', /Unresolved alias/],
    ['an alias that names what it stands in', 'limits: &all { queue: *all }\n', null, '(yaml)', /what it stands in/],
    ['a key twice', 'limits:\n  queue: 1\n  queue: 2\n', 3, '(yaml)', /unique/],
    ['a peer that is no address', 'loop:\n  trust: ["10.0.0.0/33"]\n', 2, 'loop.trust.0', /an IP address or a network/],
    ['no mapping at all', '- 1\n', 1, '(root)', /expected sections/],
  ];
  for (const [what, text, line, path, message] of bad) {
    it(`names line and path of ${what}`, () => {
      const [mistake, ...others] = mistakesIn(text);
      expect(others).to.deep.equal([]);
      expect(mistake).to.include({ line, path });
      expect(mistake?.message).to.match(message);
    });
  }

  it('reports every mistake, not only the first', () => {
    expect(mistakesIn('a: 1\nb: 2\nlimits: { queue: 0 }\n').map(({ path }) => path)).to.have.members([
      'a',
      'b',
      'limits.queue',
    ]);
  });

  it('lets the environment change one section and none that is its alias', () => {
    const file = write('primary: &side { url: "http://file" }\ntwin: *side\n');
    const { config } = loadConfig(file, { SHADOWREAD_TWIN_URL: 'http://environment' });
    expect([config.primary.url, config.twin.url]).to.deep.equal(['http://file', 'http://environment']);
  });

  it('lets the environment win over the file, and names the variable that is wrong', () => {
    const file = write('primary: { url: "http://file" }\nlisten: { port: 1 }\n');
    const { config } = loadConfig(file, { SHADOWREAD_PRIMARY_URL: 'http://environment', SHADOWREAD_PORT: '2' });
    expect([config.primary.url, config.listen.port]).to.deep.equal(['http://environment', 2]);
    expect(mistakesIn('{}', { SHADOWREAD_ADMIN_PORT: 'x' })[0]?.path).to.equal(
      'admin.port (from SHADOWREAD_ADMIN_PORT)',
    );
  });

  it('prints neither tokens nor credentials', () => {
    const { config } = loadConfig(null, {
      SHADOWREAD_ADMIN_TOKEN: 'a-very-secret-token',
      SHADOWREAD_JOURNAL_URL: 'postgres://user:hunter2@db/journal',
    });
    expect(printConfig(config)).to.not.match(/a-very-secret-token|hunter2/);
  });

  it('never prints a wrong token', () => {
    expect(mistakesIn('admin: { token: "short-one" }')[0]?.message).to.not.contain('short-one');
  });

  it('has a digest that follows the values and not the spelling', () => {
    const digest = (text: string) => loadConfig(write(text), {}).digest;
    expect(digest('limits: { queue: 5 }\nshadow: { sample: 0.5 }')).to.equal(
      digest('shadow:\n  sample: 0.50\nlimits:\n  queue: 5'),
    );
    expect(digest('limits: { queue: 5 }')).to.not.equal(digest('limits: { queue: 6 }'));
  });

  it('names every changed option that a reload does not apply', () => {
    const before = loadConfig(null, {}).config;
    const changed = [
      'loop: { trust: nobody }',
      'currencies: { POINTS: 0 }',
      'twin: { breaker: { minimum: 5 } }',
      'listen: { tls: { certFile: a, keyFile: b } }',
    ];
    for (const text of changed)
      expect(needsRestart(before, loadConfig(write(text), {}).config), text).to.have.length(1);
    const applied =
      'domains: { a: { stage: "off" } }\nroutes: { overrides: { GET /a: { paused: true } } }\nlimits: { queue: 9 }';
    expect(needsRestart(before, loadConfig(write(applied), {}).config)).to.deep.equal([]);
  });

  it('is frozen to the leaves and says what of a change needs a restart', () => {
    const before = loadConfig(null, {}).config;
    expect(Object.isFrozen(before.twin.breaker)).to.equal(true);
    const after = loadConfig(write('listen: { port: 9 }\nshadow: { sample: 0.1 }'), {}).config;
    expect(needsRestart(before, after)).to.deep.equal(['listen.port']);
    const twin = loadConfig(
      write('twin: { url: "http://a:1", timeoutMs: 9, perSecond: 9 }\nlimits: { queue: 9 }'),
      {},
    ).config;
    expect(needsRestart(before, twin)).to.have.members(['twin.url', 'twin.timeoutMs']);
  });
});
