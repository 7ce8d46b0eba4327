/** Whom a connection to a side behind TLS trusts. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

export interface TlsTrust {
  /** False: any certificate is taken, whoever signed it and whatever name it bears. */
  readonly verify: boolean;
  /** Certificates of further authorities, PEM; null: only those that Node knows. */
  readonly ca: string | null;
}

export const NODE_TRUST: TlsTrust = Object.freeze({ verify: true, ca: null });

/**
 * As Node's TLS wants it said. An authority of one's own is trusted besides those that Node knows, not instead. The
 * context is made once: reading all authorities for each connection takes megabytes.
 */
export function tlsOptionsOf({ verify, ca }: TlsTrust): { rejectUnauthorized: boolean; secureContext?: SecureContext } {
  return {
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { secureContext: createSecureContext({ ca: [...getCACertificates('default'), ca] }) }),
  };
}
