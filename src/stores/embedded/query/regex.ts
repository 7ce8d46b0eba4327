import type { Regex } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';

const compiled = new Map<string, RegExp>();

/**
 * MongoDB's expressions are PCRE with UTF-8; JavaScript's agree on a part of the syntax. That part is translated, piece
 * by piece, and the rest is refused by name.
 */
export function compileRegex(regex: Regex): RegExp {
  const key = `${regex.flags}/${regex.pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  for (const flag of regex.flags) {
    if (!'imsux'.includes(flag)) throw new MongoError(51108, `invalid flag in regex options: ${flag}`);
  }
  const flags = regex.flags.replace(/[ux]/g, '');
  const pattern = regex.flags.includes('x') ? withoutComments(regex.pattern) : regex.pattern;
  const made = build(translate(pattern, flags.includes('m')), `${[...new Set(flags)].join('')}u`);
  if (compiled.size > 1000) compiled.clear();
  compiled.set(key, made);
  return made;
}

/** What the flag `x` lets one write for the reader alone: white space, and `#` to the end of its line. */
function withoutComments(pattern: string): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '\\') {
      out += pattern.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (inClass) {
      inClass = char !== ']';
      out += char;
    } else if (char === '#') {
      const end = pattern.indexOf('\n', at);
      at = end < 0 ? pattern.length : end;
    } else if (!/[\t\n\v\f\r ]/.test(char)) {
      inClass = char === '[';
      out += char;
      // A bracket that comes first in a class belongs to it.
      const first = inClass ? /^\^?\]?/.exec(pattern.slice(at + 1))?.[0] : '';
      out += first ?? '';
      at += first?.length ?? 0;
    }
  }
  return out;
}

function build(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw new MongoError(51091, `Regular expression is invalid: ${error instanceof Error ? error.message : ''}`);
  }
}

const SPACE = '\\t\\n\\v\\f\\r ';

function translate(pattern: string, multiline: boolean): string {
  let out = '';
  let at = 0;
  let inClass = false;
  while (at < pattern.length) {
    const char = pattern[at] ?? '';
    if (char === '\\') {
      const [text, length] = translateEscape(pattern, at, inClass);
      out += text;
      at += length;
      continue;
    }
    if (inClass) {
      if (char === '[' && pattern[at + 1] === ':') throw notSupported('a POSIX class in a regular expression');
      inClass = char !== ']';
      out += '[&'.includes(char) ? `\\u00${char.charCodeAt(0).toString(16)}` : char;
      at += 1;
      continue;
    }
    if (char === '[') {
      inClass = true;
      out += char;
      at += 1;
      if (pattern[at] === '^') {
        out += '^';
        at += 1;
      }
      if (pattern[at] === ']') {
        out += '\\]';
        at += 1;
      }
      continue;
    }
    if (char === '(' && pattern[at + 1] === '?' && !/^\(\?(:|=|!|<=|<!|<[A-Za-z_])/.test(pattern.slice(at, at + 4))) {
      throw notSupported(`"${pattern.slice(at, at + 3)}" in a regular expression`);
    }
    if (char === '(' && pattern[at + 1] === '*') throw notSupported('a verb in a regular expression');
    if ('*+?}'.includes(char) && pattern[at + 1] === '+') throw notSupported('a possessive quantifier');
    if (char === '{' && !/^\{\d+(,\d*)?\}/.test(pattern.slice(at))) out += '\\{';
    else if (char === '}' && !/\{\d+(,\d*)?$/.test(pattern.slice(0, at))) out += '\\}';
    else if (char === ']') out += '\\]';
    // PCRE's $ also matches before a newline that ends the text.
    else if (char === '$' && !multiline) out += '(?=\\n?(?![\\s\\S]))';
    else if (char === '.') out += char;
    else out += char;
    at += 1;
  }
  return out;
}

function translateEscape(pattern: string, at: number, inClass: boolean): [text: string, length: number] {
  const char = pattern[at + 1];
  if (char === undefined) throw new MongoError(51091, 'Regular expression is invalid: \\ at end of pattern');
  if ('dDnrtf'.includes(char)) return [`\\${char}`, 2];
  if (char === 's') return [inClass ? SPACE : `[${SPACE}]`, 2];
  if (char === 'S' && !inClass) return [`[^${SPACE}]`, 2];
  if (char === 'w') return [inClass ? 'A-Za-z0-9_' : '[A-Za-z0-9_]', 2];
  if (char === 'W' && !inClass) return ['[^A-Za-z0-9_]', 2];
  if ('bB'.includes(char) && !inClass) return [`\\${char}`, 2];
  const hex = /^\\x([0-9A-Fa-f]{2})/.exec(pattern.slice(at, at + 4));
  if (hex !== null) return [`\\u00${hex[1]}`, 4];
  const property = /^\\[pP]\{(\^?)([A-Z][a-z]?)\}/.exec(pattern.slice(at, at + 8));
  if (property !== null && property[1] === '') return [property[0], property[0].length];
  if (/[A-Za-z0-9]/.test(char)) throw notSupported(`\\${char} in a regular expression`);
  const code = pattern.codePointAt(at + 1) ?? 0;
  return [`\\u{${code.toString(16)}}`, 1 + String.fromCodePoint(code).length];
}
