/** Whom a connection to a side behind TLS trusts, and who it says that we are. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

export interface TlsTrust {
  /** False: any certificate is accepted, whatever its issuer and name. */
  readonly verify: boolean;
  /** Certificates of further authorities, PEM; null: only those that Node knows. */
  readonly ca: string | null;
  /** What is shown to a side that asks for it, PEM; null: nothing. */
  readonly client: { readonly cert: string; readonly key: string } | null;
}

export const NODE_TRUST: TlsTrust = Object.freeze({ verify: true, ca: null, client: null });

/**
 * The options for Node's TLS. A private authority is trusted in addition to those that Node knows, not instead. The
 * context is made once: reading all authorities for each connection takes megabytes.
 */
export function tlsOptionsOf({ verify, ca, client }: TlsTrust): {
  rejectUnauthorized: boolean;
  secureContext?: SecureContext;
} {
  if (ca === null && client === null) return { rejectUnauthorized: verify };
  return {
    rejectUnauthorized: verify,
    secureContext: createSecureContext({
      ...client,
      ...(ca === null ? {} : { ca: [...getCACertificates('default'), ca] }),
    }),
  };
}
