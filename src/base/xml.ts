/** Text as XML 1.0 may hold it. */
import { plain } from './plain-text.ts';

export function xmlContent(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\ufffe\uffff]/g, ' ');
}

export function xmlAttribute(text: string): string {
  return xmlContent(text).replaceAll('"', '&quot;').replaceAll("'", '&apos;');
}
