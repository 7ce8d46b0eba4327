/** Whom a connection to a side behind TLS trusts. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

export interface TlsTrust {
  /** False: any certificate is accepted, whatever its issuer and name. */
  readonly verify: boolean;
  /** Certificates of further authorities, PEM; null: only those that Node knows. */
  readonly ca: string | null;
}

export const NODE_TRUST: TlsTrust = Object.freeze({ verify: true, ca: null });

/**
 * The options for Node's TLS. A private authority is trusted in addition to those that Node knows, not instead. The
 * context is made once: reading all authorities for each connection takes megabytes.
 */
export function tlsOptionsOf({ verify, ca }: TlsTrust): { rejectUnauthorized: boolean; secureContext?: SecureContext } {
  return {
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { secureContext: createSecureContext({ ca: [...getCACertificates('default'), ca] }) }),
  };
}
