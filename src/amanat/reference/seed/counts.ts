/** How many documents of each collection there are: `small` about 5,000 in all, `large` 500,000. */
export type SeedSize = 'small' | 'large';

const COUNTS = {
  users: [200, 20_000],
  telegramlinks: [80, 8_000],
  telegramsessions: [100, 10_000],
  tempverifications: [40, 2_000],
  trezoraccounts: [40, 4_000],
  counters: [1, 1],
  deriveddestinations: [200, 20_000],
  payments: [600, 70_000],
  fundsledgerentries: [1_100, 130_000],
  disputes: [120, 8_000],
  purchaserequests: [400, 40_000],
  selleroffers: [700, 70_000],
  requesttemplates: [40, 1_000],
  categories: [60, 300],
  addresses: [200, 20_000],
  reviews: [250, 25_000],
  pointtransactions: [400, 30_000],
  levelconfigs: [6, 6],
  chats: [100, 4_000],
  notifications: [500, 35_000],
  blogposts: [60, 1_500],
  shopsettings: [50, 1_193],
} as const satisfies Readonly<Record<string, readonly [small: number, large: number]>>;

export type CollectionName = keyof typeof COUNTS;

export const collectionNames = Object.keys(COUNTS) as readonly CollectionName[];

export function countOf(collection: CollectionName, size: SeedSize): number {
  const [small, large] = COUNTS[collection];
  return size === 'small' ? small : large;
}
