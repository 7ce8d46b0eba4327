/** Rules for header fields, written as plain data. */

import { ruleFrom } from './inline.ts';
import { mapping, quoted, wrong } from './inline-options.ts';
import * as kit from './kit.ts';
import type { Rule } from './rule.ts';

/**
 * Header fields that are compared: a list of names, or a mapping of name to rule, in which `off` switches one off.
 * @throws ShadowError SHADOW_CONFIG that names the path
 */

export function headersFrom(data: unknown, path: string): WrittenHeaders {
  const expected = 'a list of field names, or a mapping of field to rule';
  const example = 'headers: { x-total-count: number, cache-control: off }';
  if (Array.isArray(data)) {
    if (!data.every((each) => typeof each === 'string' && isFieldName(each))) {
      throw wrong(path, expected, quoted(data), example);
    }
    return { names: data.map((each: string) => each.toLowerCase()) };
  }
  const all = mapping(data, path, expected, example);
  const rules = Object.fromEntries(
    Object.entries(all).map(([field, rule]) => {
      if (!isFieldName(field)) throw wrong(`${path}.${field}`, 'the name of a header field', quoted(field), example);
      const off = rule === 'off' || rule === false;
      return [field.toLowerCase(), off ? kit.ignored('switched off') : ruleFrom(rule, `${path}.${field}`)];
    }),
  );
  return { rules };
}

/** Either names alone, or rules by name. */

export type WrittenHeaders =
  | { readonly names: readonly string[]; readonly rules?: undefined }
  | { readonly names?: undefined; readonly rules: Readonly<Record<string, Rule>> };

const isFieldName = (text: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
