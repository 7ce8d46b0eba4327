/** The shop's defaults under what the seller stored, on jsonb in canonical Extended JSON. */

/** Canonical Extended JSON's scalars look like objects; nothing is filled in below them. */
const SCALARS: ReadonlySet<string> = new Set(['$oid', '$date', '$numberDecimal', '$numberLong', '$numberDouble']);

const defaults: unknown = {
  checkout: { minimum: 0, taxRate: 0.09, methods: ['wallet', 'card'], termsAccepted: null },
  hours: [
    { day: 'sat', from: '09:00', to: '18:00' },
    { day: 'sun', from: '09:00', to: '18:00' },
  ],
  locale: { language: 'en', currency: 'USD', timeZone: 'UTC', rightToLeft: false },
  notifications: { email: { orders: true, digest: 'weekly' }, telegram: { orders: false, quiet: { from: 22, to: 7 } } },
  seo: { title: '', keywords: [] },
  shipping: { countries: ['IR', 'TR', 'DE'], free: { enabled: false, above: 150.5 }, handlingDays: 2 },
  theme: { name: 'plain', colors: { primary: '#0f766e', accent: '#f59e0b', text: '#111827' }, dark: false },
};

/** The settings as they are read. `stored` is null where the seller never changed any. */
export function filledIn(stored: unknown): unknown {
  return stored === null ? defaults : over(stored, defaults);
}

/** Objects key by key; arrays, scalars and a stored null as they are. */
function over(stored: unknown, under: unknown): unknown {
  const top = keyed(stored);
  const bottom = keyed(under);
  if (top === null || bottom === null) return stored;
  const both = new Map(bottom);
  for (const [key, value] of top) both.set(key, bottom.has(key) ? over(value, bottom.get(key)) : value);
  // fromEntries defines each key, so that even `__proto__` becomes a key of the object.
  return Object.fromEntries(both);
}

function keyed(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && SCALARS.has(only[0])) return null;
  return new Map(entries);
}
