/** Asks the primary as the verifier does when it reads again: the same client code, fields and limits. */

import type { Config } from '../config.ts';
import type { AskPrimary } from '../traffic/hand-over.ts';
import type { RawHeaders } from '../types.ts';
import { Asker } from '../verifier/ask.ts';
import { type HeaderChanges, headersFor } from '../verifier/headers.ts';
import { trustOf } from './trust.ts';

export interface PrimaryAsker {
  readonly ask: AskPrimary;
  /** The primary's own host and port, as a Host field has them. */
  readonly host: string;
  close(): Promise<void>;
}

export interface PrimaryAskerOptions {
  readonly url: string;
  readonly connections: number;
  readonly changes: HeaderChanges;
  /** What proves to a proxy of ours on the way that this is a shadow read. */
  readonly loopSecret: string;
}

export function openPrimaryAsker(
  config: Config,
  { url, connections, changes, loopSecret }: PrimaryAskerOptions,
): PrimaryAsker {
  const asker = new Asker({
    url,
    connections,
    timeoutMs: config.primary.timeoutMs,
    connectTimeoutMs: config.primary.connectTimeoutMs,
    bodyBytes: config.limits.bodyBytes,
    tls: trustOf('primary', config),
  });
  const fieldsOf = (client: RawHeaders, trace: Parameters<AskPrimary>[1]): string[] =>
    headersFor('primary', client, trace, 'primary', asker.host, changes, loopSecret);
  return {
    host: asker.host,
    async ask(request, trace) {
      const { method, target, body, rawHeaders } = request;
      const asked = await asker.ask({ method, target, body, headers: fieldsOf(rawHeaders, trace) });
      return asked.ok ? asked : { ok: false, detail: asked.detail, oversized: asked.failure === 'oversized' };
    },
    close: () => asker.close(),
  };
}

/** Changes to the primary's fields that the config asks for, its own Host in place of the client's among them. */
export function primaryChanges(config: Config): HeaderChanges {
  return { ...config.primary.headers, host: config.primary.changeOrigin ? 'side' : 'client' };
}
