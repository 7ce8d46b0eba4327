import type { TwinFailure } from '../types.ts';

const BY_CODE: Readonly<Record<string, TwinFailure>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ENOENT: 'refused',
  EACCES: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_DESTROYED: 'reset',
  UND_ERR_CLOSED: 'reset',
  UND_ERR_ABORTED: 'reset',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_HEADERS_TIMEOUT: 'headers_timeout',
  UND_ERR_BODY_TIMEOUT: 'body_timeout',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'oversized',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  UND_ERR_INVALID_ARG: 'protocol',
  EPROTO: 'tls',
};

const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

/** What kind of failure an error of the HTTP client is, with its code as the only detail that leaves the process. */
export function failureOf(error: unknown): { readonly failure: TwinFailure; readonly detail: string } {
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = innerOf(at)) {
    seen.add(at);
    const code = codeOf(at);
    if (code === null) continue;
    const known = BY_CODE[code];
    if (known !== undefined) return { failure: known, detail: code };
    if (TLS.test(code)) return { failure: 'tls', detail: code };
    if (code.startsWith('HPE_')) return { failure: 'protocol', detail: code };
  }
  const code = error instanceof Error ? (codeOf(error) ?? error.name) : 'unknown';
  return { failure: 'protocol', detail: code };
}

function innerOf(error: Error): unknown {
  // Several addresses were tried: the first one's reason speaks for all.
  return error instanceof AggregateError ? error.errors[0] : error.cause;
}

function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}
