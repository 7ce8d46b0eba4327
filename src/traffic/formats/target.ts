/** Request targets as files write them: absolute or not, with fragments, with characters that no request line may hold. */

export interface Target {
  /** Origin form. */
  readonly target: string;
  /** The authority of an absolute form, without a port that its scheme implies; null for an origin form. */
  readonly host: string | null;
}

/** `wire`: the text holds one character for each byte of the wire; `text`: it is Unicode and gets percent-encoded. */
export type TargetSource = 'wire' | 'text';

/** The longest target that is taken: servers refuse far shorter ones. */
const LONGEST = 64 * 1024;

/** Null, or rather a sentence, where it is no target of a request for a resource. */
export function targetOf(raw: string, source: TargetSource): Target | string {
  if (raw.length > LONGEST) return `the target is longer than ${LONGEST} characters`;
  const split = raw.startsWith('/') ? { rest: raw, host: null } : absolute(raw);
  if (split === null) {
    return raw === '' ? 'the target is empty' : 'the target is neither a path nor an http:// or https:// URL';
  }
  const hash = split.rest.indexOf('#');
  const rest = hash < 0 ? split.rest : split.rest.slice(0, hash);
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  if (source === 'text') return { target: encoded(path), host: split.host };
  return /[^\x21-\xff]|\x7f/.test(path)
    ? 'the target holds a space or a control character'
    : { target: path, host: split.host };
}

function absolute(raw: string): { rest: string; host: string } | null {
  const scheme = /^https?:\/\//i.exec(raw);
  if (scheme === null) return null;
  const from = scheme[0].length;
  const end = raw.slice(from).search(/[/?#]/);
  const authority = end < 0 ? raw.slice(from) : raw.slice(from, from + end);
  const defaultPort = scheme[0].length === 8 ? /:443$/ : /:80$/;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(defaultPort, '');
  return host === '' ? null : { rest: end < 0 ? '/' : raw.slice(from + end), host };
}

/** As a browser does: UTF-8, percent-encoded; what is encoded already stays. */
function encoded(path: string): string {
  return path.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, (character) => {
    // A half of a surrogate pair has no UTF-8.
    const whole = /^\p{Surrogate}$/u.test(character) ? '\ufffd' : character;
    return [...Buffer.from(whole, 'utf8')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join('');
  });
}

/** A method as HTTP allows it, in capitals; null for anything else. */
export function methodOf(raw: string): string | null {
  return /^[A-Za-z][A-Za-z-]{0,19}$/.test(raw) ? raw.toUpperCase() : null;
}

/** True where the fields could be sent: a name is a token, a value holds no line break. */
export function isField(name: string, value: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** With this Content-Type only where the fields have none: a server does not look into content of no type. */
export function withType(rawHeaders: readonly string[], type: string | null): readonly string[] {
  const has = rawHeaders.some((part, i) => i % 2 === 0 && part.toLowerCase() === 'content-type');
  return type === null || type === '' || has || !isField('Content-Type', type)
    ? rawHeaders
    : [...rawHeaders, 'Content-Type', type];
}

/** With a Host of its own only where the fields have none. */
export function withHost(rawHeaders: readonly string[], host: string | null): readonly string[] {
  const has = rawHeaders.some((part, i) => i % 2 === 0 && part.toLowerCase() === 'host');
  return host === null || has || !isField('Host', host) ? rawHeaders : ['Host', host, ...rawHeaders];
}
