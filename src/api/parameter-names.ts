/** What a query parameter asks for, by the names that APIs usually give it. */

const PAGE = /^(page|p|page_?(number|no|index))$/i;
const LIMIT = /^(limit|size|count|take|top|first|last|per_?page|page_?(size|limit)|max_?results)$/i;
const OFFSET = /^((page_?)?offset|skip|from|start|start_?index)$/i;

/** `page[size]` (JSON:API), `_limit` (json-server) and `$top` (OData) by the word that each says. */
function wordOf(name: string): string {
  const inPage = /^page\[(\w+)\]$/i.exec(name)?.[1];
  if (inPage !== undefined) return /^(number|index|no)$/i.test(inPage) ? 'page' : inPage;
  return name.replace(/^[_$]/, '');
}

/** A number of a page: `page`, `page[number]`. */
export const namesPage = (name: string): boolean => PAGE.test(wordOf(name));

/** How many rows a page has: `limit`, `page[size]`, `$top`. */
export const namesLimit = (name: string): boolean => LIMIT.test(wordOf(name));

/** How many rows come before the page: `offset`, `page[offset]`, `$skip`. */
export const namesOffset = (name: string): boolean => OFFSET.test(wordOf(name));
