import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EXIT } from '../../src/errors.ts';
import { imageEnvironment } from '../support/image-environment.ts';
import { isEnvironmentName, ROOT, read } from './product.ts';

const units = readdirSync(join(ROOT, 'deploy', 'systemd'));
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const valuesOf = (unit: string, key: string): string[] =>
  [...read(`deploy/systemd/${unit}`).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');

describe('deploy/systemd', () => {
  it('is what systemd takes, without a warning', function () {
    if (!hasAnalyze) return this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-systemd-'));
    try {
      // It wants programs that exist.
      for (const unit of units)
        writeFileSync(
          join(folder, unit),
          read(`deploy/systemd/${unit}`).replaceAll('/usr/local/bin/shadowread', '/bin/true'),
        );
      const files = units.map((unit) => join(folder, unit));
      const { stderr, stdout, status } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
        encoding: 'utf8',
      });
      expect(`${stdout}${stderr}`).to.equal('');
      expect(status).to.equal(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('exposes less than 2 of 10 by systemd-analyze security', function () {
    if (!hasAnalyze) return this.skip();
    for (const unit of units.filter((name) => name.endsWith('.service'))) {
      const { stdout, status } = spawnSync(
        'systemd-analyze',
        ['security', '--no-pager', '--offline=yes', '--threshold=20', join(ROOT, 'deploy', 'systemd', unit)],
        { encoding: 'utf8' },
      );
      expect(status, stdout.split('\n').slice(-3).join(' ')).to.equal(0);
    }
  });

  it('runs commands that there are', () => {
    const { stdout } = spawnSync(process.execPath, [join(ROOT, 'bin', 'shadowread.js'), '--help'], {
      encoding: 'utf8',
    });
    for (const unit of units)
      for (const line of valuesOf(unit, 'ExecStart')) {
        const [program, command] = line.split(' ');
        expect(program).to.equal('/usr/local/bin/shadowread');
        expect(stdout).to.match(new RegExp(`^ {2}${command} `, 'm'));
      }
  });

  it('starts Node as the image does', () => {
    const pairs = Object.entries(imageEnvironment()).map(([name, value]) => `${name}=${value}`);
    const set = valuesOf('shadowread.service', 'Environment').flatMap((line) => line.split(' '));
    expect(pairs).to.have.length(4);
    expect(set).to.include.members(pairs);
  });

  it('sets no variable that nothing reads, and does not start again what a config ended', () => {
    for (const unit of units)
      for (const line of valuesOf(unit, 'Environment'))
        for (const pair of line.split(' ')) expect(isEnvironmentName(pair.split('=')[0] ?? ''), pair).to.equal(true);
    expect(valuesOf('shadowread.service', 'RestartPreventExitStatus')).to.deep.equal([String(EXIT.usage)]);
  });
});
