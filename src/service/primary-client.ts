/** Fetches from the primary as the verifier does when it reads again: the same client code, fields and limits. */

import type { Config } from '../config.ts';
import type { FetchPrimary } from '../traffic/hand-over.ts';
import type { RawHeaders } from '../types.ts';
import { type HeaderChanges, headersFor } from '../verifier/headers.ts';
import { SideClient } from '../verifier/side-client.ts';
import { trustOf } from './trust.ts';

export interface PrimaryClient {
  readonly fetch: FetchPrimary;
  /** The primary's own host and port, as a Host field has them. */
  readonly host: string;
  close(): Promise<void>;
}

export interface PrimaryClientOptions {
  readonly url: string;
  readonly connections: number;
  readonly changes: HeaderChanges;
  /** What proves to a proxy of ours on the way that this is a shadow read. */
  readonly loopSecret: string;
}

export function openPrimaryClient(
  config: Config,
  { url, connections, changes, loopSecret }: PrimaryClientOptions,
): PrimaryClient {
  const client = new SideClient({
    url,
    connections,
    timeoutMs: config.primary.timeoutMs,
    connectTimeoutMs: config.primary.connectTimeoutMs,
    bodyBytes: config.limits.bodyBytes,
    tls: trustOf('primary', config),
  });
  const fieldsOf = (clientFields: RawHeaders, trace: Parameters<FetchPrimary>[1]): string[] =>
    headersFor('primary', clientFields, trace, 'primary', client.host, changes, loopSecret);
  return {
    host: client.host,
    async fetch(request, trace) {
      const { method, target, body, rawHeaders } = request;
      const result = await client.fetch({ method, target, body, headers: fieldsOf(rawHeaders, trace) });
      return result.ok ? result : { ok: false, detail: result.detail, oversized: result.failure === 'oversized' };
    },
    close: () => client.close(),
  };
}

/** Changes to the primary's fields that the config asks for, its own Host in place of the client's among them. */
export function primaryChanges(config: Config): HeaderChanges {
  return { ...config.primary.headers, host: config.primary.changeOrigin ? 'side' : 'client' };
}
