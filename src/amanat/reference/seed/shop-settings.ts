/** What sellers stored of their shops' settings: no schema, and every type that a blob may hold. */
import { Decimal128, Double, Int32, Long } from 'mongodb';
import { type Prng, type SeedContext, sentence, words } from './context.ts';

/** Key `__proto__` as a key, as a client's JSON has it. */
const withProto = (): unknown => JSON.parse('{"__proto__":{"admin":true},"constructor":"text","toString":null}');

export function shopSettingsOf(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('settings', index);
  const [first, ...others] = SHAPES;
  const shape = SHAPES[index % SHAPES.length] ?? first;
  const settings = shape(context, index, random);
  // Most clients of later years send more than one part.
  return random.chance(0.5) ? { ...random.pick(others)(context, index, random), ...settings } : settings;
}

type Shape = (context: SeedContext, index: number, random: Prng) => Record<string, unknown>;

const SHAPES: readonly [Shape, ...Shape[]] = [
  () => ({}),
  (_, __, random) => ({
    theme: { name: words(random, 1, 2), colors: { accent: '#FF0000' } },
    seo: { title: sentence(random) },
  }),
  // The same number as three BSON types, and decimals whose trailing zero is part of the value.
  (_, __, random) => ({
    shipping: { free: { above: Decimal128.fromString('150.50') }, handlingDays: Long.fromNumber(random.int(1, 9)) },
    checkout: { minimum: new Int32(5), taxRate: new Double(0.1 + 0.2), surcharge: new Double(5) },
    counters: { exact: Long.fromString('9007199254740991'), negative: -0.5, tiny: 1e-7, huge: 1.5e300 },
  }),
  (context, index) => ({
    owner: context.oid('users', index),
    featured: [context.oid('purchaserequests', index), context.oid('selleroffers', index), null],
    vacation: { from: context.createdAt('shopsettings', index), to: new Date('2026-03-29T01:30:00.001Z') },
  }),
  // A scalar, an array or null where the defaults have an object, and an object where they have a scalar.
  () => ({ theme: null, hours: [], notifications: { email: false, telegram: new Date(0) }, seo: ['a'], locale: '' }),
  () => ({
    checkout: { methods: ['wallet'], termsAccepted: { at: new Date('2025-12-31T23:59:59.999Z'), version: '2' } },
  }),
  () => ({ 'dotted.key': { 'a.b': 1, '': 'empty key' }, price$: 1, کلید: { é: 1, 'e\u0301': 2 }, '😀': '👩‍👩‍👧' }),
  () => ({ ext: withProto(), theme: withProto() }),
  () => ({
    hours: [{ day: 'fri', from: '00:00', to: '24:00', breaks: [[12, 13], [], [{ note: '' }]] }],
    empty: {},
    list: [[]],
  }),
];
