/** Text in which nothing is taken for Markdown, HTML, a mention or a link. */
import { plain } from './plain-text.ts';

export function markdownText(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replace(/(https?):/gi, '$1\u200b:')
    .replace(/www\./gi, 'www\u200b.');
}
