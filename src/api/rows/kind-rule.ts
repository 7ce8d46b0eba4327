/** The rule that compares a field of one kind. */
import { type CompiledRule, compileRule } from '../../rules/compile.ts';
import * as kit from '../../rules/kit.ts';
import type { Rule } from '../../rules/rule.ts';
import type { FieldKind, FieldMapping } from '../mapping.ts';
import type { StoredDocument } from './document-row.ts';
import { valueAt } from './json-values.ts';

/** References are compared through `id_map`, all other kinds by rules. */
export type PlainKind = Exclude<FieldKind, { readonly kind: 'ref' | 'refSet' }>;

export const compiled = new WeakMap<FieldMapping, Map<string | null, CompiledRule>>();

export function ruleOf(field: FieldMapping, type: PlainKind, doc: StoredDocument): CompiledRule {
  const currency = type.kind === 'money' ? currencyOf(type.currency, doc) : null;
  const ofField = compiled.get(field) ?? new Map<string | null, CompiledRule>();
  compiled.set(field, ofField);
  const known = ofField.get(currency);
  if (known !== undefined) return known;
  const rule = kindRule(type, currency);
  const made = compileRule(field.nullable ? kit.nullable(rule) : rule);
  // One for each currency; bounded, since data may contain any number of unknown ones.
  if (ofField.size < 200) ofField.set(currency, made);
  return made;
}

export function kindRule(type: PlainKind, currency: string | null): Rule {
  switch (type.kind) {
    case 'text':
      if (type.words !== undefined) return kit.enumOf(type.words);
      return type.shown === true ? kit.shown(kit.text()) : kit.text();
    case 'bool':
      return kit.bool();
    case 'int':
    case 'double':
      return kit.number();
    case 'money':
      // Stored amounts keep all 18 decimals, whatever the currency shows of them.
      return currency === null ? kit.money({ scale: 18 }) : kit.money({ currency });
    case 'baseUnits':
      return kit.baseUnits();
    case 'instant':
      return kit.instant();
    case 'textSet':
      return kit.set(kit.text());
    case 'textList':
      return kit.list(kit.text());
    case 'jsonb':
      return kit.jsonb();
  }
}

export function currencyOf(currency: string | { readonly fixed: string }, doc: StoredDocument): string | null {
  if (typeof currency !== 'string') return currency.fixed;
  const value = valueAt(doc, currency);
  return typeof value === 'string' ? value : null;
}
