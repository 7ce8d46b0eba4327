/** The server that clients reach: plain, or behind TLS with a certificate that can be renewed while connections are open. */
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { FullOptions, ServedCertificate } from './options.ts';

/** How long a client may take over its handshake; less where it has less for its first head. */
const HANDSHAKE_MS = 10_000;

export interface FrontServer {
  readonly server: Server;
  /** The event by which a connection comes to HTTP: behind TLS when its handshake is done. */
  readonly arrival: 'connection' | 'secureConnection';
  /** New handshakes take this certificate; nothing where there are none. */
  renew(next: ServedCertificate): void;
}

export function openFront(
  { certificate, timeouts }: FullOptions,
  settings: http.ServerOptions,
  receive: RequestListener,
): FrontServer {
  if (certificate === null)
    return { server: http.createServer(settings, receive), arrival: 'connection', renew: () => undefined };
  const { cert, key } = certificate;
  const server = https.createServer(
    // Half-open as in plain HTTP, and so nothing but this time ends who leaves in the handshake.
    {
      ...settings,
      cert,
      key,
      allowHalfOpen: true,
      handshakeTimeout: Math.min(HANDSHAKE_MS, timeouts.clientHeadMs),
    },
    receive,
  );
  // Node tells of the failure and leaves the connection open; what is answered on it would wait for a handshake.
  server.on('tlsClientError', (_error, client) => client.destroy());
  return {
    server,
    arrival: 'secureConnection',
    renew: (next) => server.setSecureContext({ cert: next.cert, key: next.key }),
  };
}
