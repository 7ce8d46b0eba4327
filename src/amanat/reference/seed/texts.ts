/** Names and texts in several scripts, among them the ones that comparisons get wrong. */
import type { Prng } from './prng.ts';

const NAMES = [
  'Shirin Farhadi',
  'شیرین فرهادی',
  'نیما یوشیج',
  'محمد‌رضا کریمی',
  'Ольга Петрова',
  'Дмитрий Ёлкин',
  'Їжак Григорій',
  'José Núñez', // é and ñ precomposed (NFC)
  'Jose\u0301 Nu\u0301n\u0303ez', // the same name with combining marks (NFD)
  'Zoë Ångström',
  'Zoe\u0308 A\u030angstro\u0308m',
  'Nguyễn Thị Ánh',
  '李小龍',
  '山田 太郎',
  '김민준',
  'Şükrü Iğdır',
  'Straße Müller',
  'O\'Brien "Ace" Lee',
  'Ægir Þór',
  'علی احمدي',
  'Anna 🦊 Lis',
  '👩‍👩‍👧 Family Shop',
  '𝔉𝔯𝔞𝔨𝔱𝔲𝔯 Haus',
  '  two spaces ', // kept as they are, on both sides
] as const;

const WORDS = [
  'laptop',
  'گوشی',
  'کتاب',
  'چرم',
  'книга',
  'часы',
  'велосипед',
  'camera',
  'lens',
  'café',
  'cafe\u0301',
  'vintage',
  'straße',
  'IRAN',
  'İstanbul',
  'naïve',
  'wool',
  'saffron',
  'زعفران',
  'ковёр',
  'guitar',
  'drone',
  'scooter',
  '手机',
  'カメラ',
  'copper',
  'silver',
  'фильтр',
] as const;

const TAILS = [
  '🚚',
  '🙂🏽',
  '— срочно',
  'فوری',
  '100% original',
  'NFD: u\u0308ber',
  'a\tb',
  'line\nbreak',
  '“quotes”',
  '½ price',
];

export const personName = (random: Prng): string => random.pick(NAMES);

/** Some words of mixed scripts, without punctuation. */
export function words(random: Prng, from: number, to: number): string {
  return Array.from({ length: random.int(from, to) }, () => random.pick(WORDS)).join(' ');
}

/** A sentence or more; now and then with an emoji, a tab, a line break or a quotation mark. */
export function sentence(random: Prng, from = 4, to = 14): string {
  const text = words(random, from, to);
  return random.chance(0.4) ? `${text} ${random.pick(TAILS)}` : `${text}.`;
}
