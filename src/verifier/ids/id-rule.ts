/** An id of the twin that is made from the primary's, and the way back: with a prefix, from hex digits, or in another base. */

export interface IdRule {
  /** Taken off the primary's id before anything else. */
  readonly strip: string;
  /** Put before the result. */
  readonly prefix: string;
  /** `hex`: the primary's text as hex digits of its bytes; a number: the value of its hex digits in this base. */
  readonly form: 'same' | 'lower' | 'upper' | 'hex' | number;
}

/** The twin's id; null where the rule makes none of this one. */
export function byRule({ strip, prefix, form }: IdRule, primary: string): string | null {
  if (!primary.startsWith(strip)) return null;
  const made = formed(primary.slice(strip.length), form);
  return made === null ? null : prefix + made;
}

/** True where the twin's id tells the primary's: neither case nor leading zeros are lost on the way. */
export function isReversible({ form }: IdRule): boolean {
  return form === 'same' || form === 'hex';
}

/** The primary's id of the twin's, by a rule that is reversible; null where no id makes this one. */
export function backByRule(rule: IdRule, twin: string): string | null {
  if (!twin.startsWith(rule.prefix)) return null;
  const made = twin.slice(rule.prefix.length);
  if (rule.form !== 'hex') return rule.strip + made;
  const primary = rule.strip + Buffer.from(made, 'hex').toString('utf8');
  return byRule(rule, primary) === twin ? primary : null;
}

function formed(text: string, form: IdRule['form']): string | null {
  switch (form) {
    case 'same':
      return text;
    case 'lower':
      return text.toLowerCase();
    case 'upper':
      return text.toUpperCase();
    case 'hex':
      return Buffer.from(text, 'utf8').toString('hex');
    default:
      return /^[0-9a-f]{1,64}$/i.test(text) ? BigInt(`0x${text}`).toString(form) : null;
  }
}
