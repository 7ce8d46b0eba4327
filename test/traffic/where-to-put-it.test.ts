/** What docs/where-to-put-it.md tells people to copy. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { FORMATS } from '../../src/traffic/formats/format.ts';
import { runCommand } from '../support/run-command.ts';
import { hasNginx } from './nginx.ts';

const page = readFileSync(new URL('../../docs/where-to-put-it.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text ?? '');

describe('docs/where-to-put-it.md', () => {
  blocks('nginx').forEach((block, at) => {
    it(`has an nginx config that nginx takes (${at + 1})`, function () {
      if (!hasNginx()) {
        process.stderr.write('nginx is not installed (apt-get install nginx-light): its config is not checked\n');
        this.skip();
      }
      const folder = mkdtempSync(join(tmpdir(), 'shadowread-nginx-t-'));
      try {
        for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
        const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
          (name) => `${name}_temp_path ${join(folder, name.replace('client_', ''))};`,
        );
        const config = join(folder, 'nginx.conf');
        // Port 80 may be somebody's.
        const text = block.replace('listen 80;', 'listen 127.0.0.1:65080;');
        writeFileSync(config, `pid ${folder}/pid; events {} http { access_log off; ${paths.join(' ')}\n${text}\n}`);
        execFileSync('nginx', ['-t', '-q', '-p', folder, '-c', config, '-e', join(folder, 'error.log')]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  it('has an HAProxy config that HAProxy takes', function () {
    if (spawnSync('haproxy', ['-v']).error !== undefined) {
      process.stderr.write('haproxy is not installed (apt-get install haproxy): its config is not checked\n');
      this.skip();
    }
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-haproxy-c-'));
    try {
      const [config, agent] = [join(folder, 'haproxy.cfg'), join(folder, 'mirror.conf')];
      writeFileSync(agent, blocks('spoe').join('\n'));
      writeFileSync(config, blocks('haproxy').join('\n').replace('/etc/haproxy/mirror.conf', agent));
      const { status, stderr } = spawnSync('haproxy', ['-c', '-q', '-f', config], { encoding: 'utf8' });
      expect([status, stderr]).to.deep.equal([0, '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const MODULES = ['mpm_event', 'authz_core', 'proxy', 'proxy_http'].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  );
  for (const { title, language, command, preamble } of [
    {
      title: 'Apache',
      language: 'apache',
      command: ['apache2', '-t', '-f'],
      preamble: ['ServerName x', 'ErrorLog /dev/null', ...MODULES],
    },
    {
      title: 'Caddy',
      language: 'caddyfile',
      command: ['caddy', 'adapt', '--adapter', 'caddyfile', '--config'],
      preamble: [],
    },
    { title: 'Varnish', language: 'vcl', command: ['varnishd', '-j', 'none', '-C', '-f'], preamble: [] },
  ])
    it(`has a config for ${title} that it takes`, function () {
      const [program = '', ...args] = command;
      if (spawnSync(program, ['-v']).error !== undefined) this.skip();
      expect(blocks(language)).to.have.length(1);
      const folder = mkdtempSync(join(tmpdir(), 'shadowread-gateway-'));
      try {
        const config = join(folder, 'config');
        writeFileSync(config, [...preamble, ...blocks(language)].join('\n'));
        const { status, stderr } = spawnSync(program, [...args, config], { encoding: 'utf8' });
        expect(status, stderr).to.equal(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

  blocks('yaml').forEach((block, at) => {
    it(`has YAML that reads without a mistake (${at + 1})`, () => {
      for (const document of parseAllDocuments(block)) {
        expect(document.errors).to.deep.equal([]);
        expect(document.warnings).to.deep.equal([]);
      }
    });
  });

  it('names every format, and no option that there is not', async () => {
    for (const format of FORMATS) expect(page, format).to.include(`\`${format}\``);
    const { out } = await runCommand(['compare', '--help']);
    const told = new Set(page.slice(page.indexOf('## In CI, with recorded reads')).match(/--[a-z][a-z-]+/g) ?? []);
    const others = ['--json', '--seed-data', '--port', '--health-cmd', '--health-interval', '--health-retries'];
    const github = ['--edit-last', '--create-if-none', '--body-file'];
    for (const option of told) {
      if (![...others, ...github].includes(option)) expect(out, option).to.include(option);
    }
    for (const option of out.match(/^ {2}--[a-z-]+/gm) ?? []) {
      if (!['--format', '--json'].includes(option.trim())) expect(page, option).to.include(option.trim());
    }
  });
});
