/**
 * The one error base of the project. Every error a person can meet carries a code `SHADOW_*`, says what was expected
 * and what was found, and gives an example of what would have been right.
 */

/** What the process exits with. 0 yes, 1 no, 2 could not decide, 64 wrong usage or config (sysexits' EX_USAGE). */
export const EXIT = { yes: 0, no: 1, undecided: 2, usage: 64 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export type ShadowErrorCode =
  | 'SHADOW_CONFIG'
  | 'SHADOW_USAGE'
  | 'SHADOW_ROUTE'
  | 'SHADOW_DOMAIN'
  | 'SHADOW_PORT_IN_USE'
  | 'SHADOW_NODE_VERSION'
  | 'SHADOW_MONGO'
  | 'SHADOW_POSTGRES'
  | 'SHADOW_JOURNAL'
  | 'SHADOW_TWIN'
  | 'SHADOW_PRIMARY'
  | 'SHADOW_BODY'
  | 'SHADOW_RULE'
  | 'SHADOW_REJECT'
  | 'SHADOW_KEY'
  | 'SHADOW_NOT_FOUND'
  | 'SHADOW_REFUSED'
  | 'SHADOW_ROLE'
  | 'SHADOW_INTERNAL';

export interface ShadowErrorDetail {
  /** What would have been right, in words: "an http:// or https:// URL". */
  readonly expected?: string;
  /** What was found, already safe to print (never a credential). */
  readonly actual?: string;
  /** One line that would have worked. */
  readonly example?: string;
  /** Exit status when this error ends a command; 64 unless said otherwise. */
  readonly exit?: ExitStatus;
  readonly cause?: unknown;
}

/** An error with a code and a message made for the person who reads it. */
export class ShadowError extends Error {
  readonly code: ShadowErrorCode;
  readonly exit: ExitStatus;

  constructor(code: ShadowErrorCode, message: string, detail: ShadowErrorDetail = {}) {
    const parts = [message];
    if (detail.expected !== undefined) parts.push(`expected ${detail.expected}`);
    if (detail.actual !== undefined) parts.push(`found ${detail.actual}`);
    if (detail.example !== undefined) parts.push(`for example: ${detail.example}`);
    super(parts.join('; '), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'ShadowError';
    this.code = code;
    this.exit = detail.exit ?? EXIT.usage;
  }
}

/** The message of anything thrown, for logs and error bodies; never throws itself. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.message !== '') return thrown.message;
  // Of a name with several addresses, each of which failed, Node says nothing itself.
  if (thrown instanceof AggregateError) return [...new Set(thrown.errors.map(messageOf))].join('; ');
  return 'code' in thrown ? String(thrown.code) : thrown.name;
}
