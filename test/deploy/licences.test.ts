import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT, read } from './product.ts';

/** They ask for no more than to be named. */
const PERMISSIVE = new Set(
  '0BSD Apache-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause ISC MIT PostgreSQL PSF-2.0 Python-2.0 Unlicense'.split(' '),
);

/** Whether an SPDX expression lets one choose permissive terms alone. */
function isPermissive(expression: string): boolean {
  return expression
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => PERMISSIVE.has(one)));
}

describe('licences', () => {
  it('of everything that an installed package brings are permissive', () => {
    const { packages }: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
      read('package-lock.json'),
    );
    const shipped = Object.entries(packages).filter(
      ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
    );
    expect(shipped).to.have.length.greaterThan(50);
    const others = shipped.flatMap(([path]) => {
      const manifest = join(ROOT, path, 'package.json');
      // Of another platform.
      if (!existsSync(manifest)) return [];
      const { license }: { license?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'));
      return typeof license === 'string' && isPermissive(license) ? [] : [`${path}: ${JSON.stringify(license)}`];
    });
    expect(others).to.deep.equal([]);
  });

  it('come with packages that run no script at install', () => {
    const { packages }: { packages: Record<string, { dev?: boolean; hasInstallScript?: boolean }> } = JSON.parse(
      read('package-lock.json'),
    );
    const running = Object.entries(packages).filter(
      ([path, { dev, hasInstallScript }]) => path !== '' && !dev && hasInstallScript,
    );
    expect(running.map(([path]) => path)).to.deep.equal([]);
  });

  it('are told apart from those that demand more', () => {
    expect(['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC'].map(isPermissive)).to.deep.equal([true, true, true]);
    expect(['GPL-3.0', 'MIT AND LGPL-2.1', 'SEE LICENSE IN X', 'UNLICENSED'].map(isPermissive)).to.deep.equal([
      false,
      false,
      false,
      false,
    ]);
  });
});
