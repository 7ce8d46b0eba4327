import { Decimal128, ObjectId } from 'bson';
import { expect } from 'chai';
import { SHOP_DEFAULTS, withDefaults } from '../../../src/amanat/reference/handlers/shop-defaults.ts';
import { createSeedContext } from '../../../src/amanat/reference/seed/context.ts';
import { shopSettingsOf } from '../../../src/amanat/reference/seed/shop-settings.ts';
import { blobOf } from '../../../src/api/rows/blob.ts';
import { filledIn } from '../../../src/routes/content/shop-settings.ts';

/** The stored blob as Postgres has it. */
function kept(settings: unknown): unknown {
  const blob = blobOf(settings);
  if (!blob.ok) throw new Error(blob.reason);
  return blob.json;
}

describe('the defaults under a shop’s settings', () => {
  it('are the same on both sides', () => {
    expect(filledIn(null)).to.deep.equal(SHOP_DEFAULTS);
    expect(withDefaults({}, SHOP_DEFAULTS)).to.deep.equal(SHOP_DEFAULTS);
  });

  const cases: readonly [name: string, stored: unknown, part: string, expected: unknown][] = [
    ['a nested key is filled in', { seo: { title: 'x' } }, 'seo', { title: 'x', keywords: [] }],
    ['an array replaces the default whole', { hours: [] }, 'hours', []],
    ['null was stored on purpose', { theme: null }, 'theme', null],
    ['false was stored on purpose', { theme: false }, 'theme', false],
    ['an empty string was stored on purpose', { seo: { title: '' } }, 'seo', { title: '', keywords: [] }],
    ['an unknown part stays', { other: { a: 1 } }, 'other', { a: 1 }],
    ['a date is no object to fill in', { theme: new Date(5) }, 'theme', { $date: { $numberLong: '5' } }],
    [
      'a decimal is no object to fill in',
      { theme: Decimal128.fromString('1.50') },
      'theme',
      { $numberDecimal: '1.50' },
    ],
    [
      'an id is no object to fill in',
      { theme: new ObjectId('65a1b2c3d4e5f60718293a4b') },
      'theme',
      { $oid: '65a1b2c3d4e5f60718293a4b' },
    ],
  ];
  for (const [name, stored, part, expected] of cases) {
    it(`${name}, on both sides`, () => {
      const primary = kept(withDefaults(stored, SHOP_DEFAULTS));
      expect(primary).to.deep.equal(filledIn(kept(stored)));
      expect(primary).to.have.deep.property(part, expected);
    });
  }

  it('leave `__proto__` a key like any other', () => {
    const stored: unknown = JSON.parse('{"theme":{"__proto__":{"dark":true}},"__proto__":{"x":1}}');
    for (const merged of [withDefaults(stored, SHOP_DEFAULTS), filledIn(kept(stored))]) {
      expect(JSON.stringify(merged)).to.include('"__proto__":{"x":1}').and.include('"__proto__":{"dark":true}');
      expect(Object.getPrototypeOf(merged)).to.equal(Object.prototype);
      expect({}).to.not.have.property('x');
    }
  });

  it('agree for every shop of the seed', () => {
    const context = createSeedContext({ seed: 3, size: 'small' });
    for (let index = 0; index < 200; index += 1) {
      const stored = shopSettingsOf(context, index);
      expect(kept(withDefaults(stored, SHOP_DEFAULTS))).to.deep.equal(filledIn(kept(stored)));
    }
  });
});
