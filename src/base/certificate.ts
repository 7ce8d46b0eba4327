/** A certificate with its key, read from files and checked to fit together before it is used. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf, ShadowError } from '../errors.ts';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Certificate {
  /** PEM; the whole chain, the server's own certificate first. */
  readonly cert: Buffer;
  /** PEM. */
  readonly key: Buffer;
  /** For the log: `localhost, valid until Nov 28 16:45:47 2026 GMT`. */
  readonly description: string;
}

/**
 * `option` is where the config names them, for the message.
 *
 * @throws ShadowError SHADOW_KEY for a file that cannot be read, is no PEM, or a key of another certificate.
 */
export function readCertificate({ certFile, keyFile }: CertificateFiles, option = 'listen.tls'): Certificate {
  try {
    const cert = readFileSync(certFile);
    const key = readFileSync(keyFile);
    createSecureContext({ cert, key });
    const { subject, subjectAltName, validTo } = new X509Certificate(cert);
    const names = subjectAltName ?? subject ?? 'no name';
    return Object.freeze({ cert, key, description: `${names.replaceAll('\n', ', ')}, valid until ${validTo}` });
  } catch (error) {
    throw new ShadowError('SHADOW_KEY', `${option} cannot be used`, {
      expected: 'a certificate chain in PEM and the key that belongs to it',
      actual: messageOf(error),
      example: '{ certFile: /etc/shadowread/tls.crt, keyFile: /etc/shadowread/tls.key }',
      cause: error,
    });
  }
}
