/** The default settings of a shop, and how they are filled into what the seller stored. */

export const SHOP_DEFAULTS = {
  theme: { name: 'plain', colors: { primary: '#0f766e', accent: '#f59e0b', text: '#111827' }, dark: false },
  locale: { language: 'en', currency: 'USD', timeZone: 'UTC', rightToLeft: false },
  checkout: { minimum: 0, taxRate: 0.09, methods: ['wallet', 'card'], termsAccepted: null },
  shipping: { countries: ['IR', 'TR', 'DE'], free: { enabled: false, above: 150.5 }, handlingDays: 2 },
  notifications: { email: { orders: true, digest: 'weekly' }, telegram: { orders: false, quiet: { from: 22, to: 7 } } },
  hours: [
    { day: 'sat', from: '09:00', to: '18:00' },
    { day: 'sun', from: '09:00', to: '18:00' },
  ],
  seo: { title: '', keywords: [] },
};

/**
 * The stored value, with each absent key of a plain object filled in from the defaults, at every depth. Whatever is
 * stored wins: arrays whole, and null, too, since a seller may have emptied a field.
 */
export function withDefaults(stored: unknown, defaults: unknown): unknown {
  if (stored === undefined) return defaults;
  if (!isPlain(stored) || !isPlain(defaults)) return stored;
  const merged: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(defaults), ...Object.keys(stored)])) {
    const fallback = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    const value = Object.hasOwn(stored, key) ? stored[key] : undefined;
    // Not by assignment: a key `__proto__` would change the object instead of being in it.
    Object.defineProperty(merged, key, {
      value: withDefaults(value, fallback),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return merged;
}

/** True for a subdocument; false for a date, an ObjectId or another BSON value with a class of its own. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
