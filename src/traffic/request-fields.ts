/** The fields that a recorded request is asked with. */
import type { RawHeaders } from '../types.ts';

/** The recorded fields, replaced by those that the user gives; one Host for both sides where none was recorded. */
export function requestFields(
  recorded: RawHeaders,
  own: Readonly<Record<string, string>>,
  primaryHost: string,
): RawHeaders {
  const replaced = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const fields: string[] = [];
  let host = replaced.has('host');
  for (let i = 0; i + 1 < recorded.length; i += 2) {
    const [name, value] = [recorded[i] ?? '', recorded[i + 1] ?? ''];
    if (replaced.has(name.toLowerCase())) continue;
    host ||= name.toLowerCase() === 'host';
    fields.push(name, value);
  }
  for (const [name, value] of Object.entries(own)) fields.push(name, value);
  return host ? fields : ['Host', primaryHost, ...fields];
}
