/** Quoted strings of a log line, with the escapes of nginx (`\x22`) and Apache (`\"`, `\\`, `\x0a`, `\t`). */

export interface Quoted {
  /** As logged, escapes in place. */
  readonly raw: string;
  /** Index of the opening quote. */
  readonly from: number;
  /** Index after the closing quote; the line's length where it is never closed. */
  readonly end: number;
  readonly closed: boolean;
}

export function* quotedOf(line: string): Generator<Quoted> {
  let at = 0;
  for (let open = line.indexOf('"', at); open >= 0; open = line.indexOf('"', at)) {
    const close = closingQuote(line, open + 1);
    const end = close < 0 ? line.length : close + 1;
    yield { raw: line.slice(open + 1, close < 0 ? line.length : close), from: open, end, closed: close >= 0 };
    at = end;
  }
}

/** Index of the next quote that no backslash escapes; -1 without one. */
export function closingQuote(line: string, from: number): number {
  for (let i = from; i < line.length; i += 1) {
    const code = line.charCodeAt(i);
    if (code === 92) i += 1;
    else if (code === 34) return i;
  }
  return -1;
}

const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', v: '\v', f: '\f' };

/** One character a byte, as on the wire. */
export function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  return raw.replace(
    /\\(?:x([0-9a-fA-F]{2})|u00([0-9a-fA-F]{2})|(.))/gs,
    (_all, hex?: string, unicode?: string, one?: string) => {
      const code = hex ?? unicode;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return one === undefined ? '' : (NAMED[one] ?? one);
    },
  );
}
