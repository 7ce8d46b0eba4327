/** An IPv4 address as such, where it comes as IPv6 (RFC 4291, 2.5.5.2): `::ffff:127.0.0.1` or `::ffff:7f00:1`. */
export function plainAddress(address: string): string {
  if (!/^::ffff:/i.test(address)) return address;
  const mapped = address.slice(7);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(mapped)) return mapped;
  const [, high, low] = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(mapped) ?? [];
  if (high === undefined || low === undefined) return address;
  const words = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return words.flatMap((word) => [word >> 8, word & 255]).join('.');
}
