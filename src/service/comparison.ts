/**
 * The wiring of a comparison: recorded questions replace the proxy's clients; the rest works as with live traffic.
 *
 *     questions -> primary (our own client, or its recorded answers) -> mirror -> verifier in its workers -> verdict
 */
import { randomUUID } from 'node:crypto';
import { AUTO } from '../api/auto-routes.ts';
import type { LoadedApi } from '../api/load.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import { ShadowError } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { createMirror } from '../mirror/mirror.ts';
import type { Question } from '../traffic/question.ts';
import { openRecordedPrimary, type RecordedPrimary } from '../traffic/recorded-primary.ts';
import { requestFields } from '../traffic/request-fields.ts';
import { Run, type RunEnd } from '../traffic/run.ts';
import type { Policy, Route, Verdict } from '../types.ts';
import { forJournal, journalOf } from './journal-of.ts';
import { mirrorOptionsOf } from './mirror-options.ts';
import { createPolicy } from './policy.ts';
import { openPrimaryClient, primaryChanges } from './primary-client.ts';
import type { Secrets } from './secrets.ts';
import { type SyncWatch, watchSync } from './sync-watch.ts';

export interface ComparisonOptions {
  readonly config: Config;
  readonly api: LoadedApi;
  readonly routes: readonly Route[];
  readonly secrets: Secrets;
  /** Recorded answers stand in for the primary. */
  readonly recorded: boolean;
  /** Questions under way at the primary at once, and requests to the twin. */
  readonly concurrency: number;
  /** Questions a second; null without a limit. */
  readonly perSecond: number | null;
  /** How long the twin may be gone before the comparison ends. */
  readonly patienceMs: number;
  /** Header fields that replace the recorded ones: for both sides, and further ones for one side. */
  readonly headers: Readonly<Record<'both' | 'primary' | 'twin', Readonly<Record<string, string>>>>;
  /** Verdicts go to the journal. */
  readonly keep: boolean;
  readonly onJudged: (question: Question, verdict: Verdict, primaryDetail: string | null) => void;
  readonly log: Log;
}

export interface Comparison {
  run(questions: AsyncIterable<Question>): Promise<RunEnd>;
  /** Sends no further question. */
  stop(): void;
  /** Waits for what is under way until the deadline, then closes all. */
  close(deadlineMs: number): Promise<void>;
}

/** @throws ShadowError SHADOW_PRIMARY, SHADOW_TWIN, SHADOW_JOURNAL where what it needs is not configured */
export async function startComparison(options: ComparisonOptions): Promise<Comparison> {
  const { config, api, log } = options;
  const twinUrl = requireSide(
    'SHADOW_TWIN',
    'twin',
    config.twin.url,
    'SHADOWREAD_TWIN_URL',
    '--twin http://127.0.0.1:3001',
  );
  const recorded = options.recorded ? await openRecordedPrimary() : null;
  const primaryUrl =
    recorded?.url ??
    requireSide(
      'SHADOW_PRIMARY',
      'primary',
      config.primary.url,
      'SHADOWREAD_PRIMARY_URL',
      '--primary http://127.0.0.1:3000',
    );
  const changes = { ...primaryChanges(config), set: options.headers.primary };
  const primary = openPrimaryClient(config, {
    url: primaryUrl,
    connections: options.concurrency,
    changes,
    loopSecret: options.secrets.loopSecret,
  });
  const instance = `compare-${randomUUID().slice(0, 8)}`;
  const parts = opened(options, instance, {
    onLag: (ms) => mirror.setSyncLag(ms),
    onBackfill: () => mirror.forget(),
  });
  const policy = askingAll(
    createPolicy(config, options.routes, api.source.auto === true ? [AUTO] : []).current(),
    options,
  );
  const { twin: twinChanges, ...others } = mirrorOptionsOf(config, api.source, options.secrets, policy).headers ?? {};
  const mirror = createMirror({
    ...mirrorOptionsOf(config, api.source, options.secrets, policy),
    primaryUrl,
    twinUrl,
    headers: {
      ...others,
      primary: changes,
      twin: { ...twinChanges, set: { ...twinChanges?.set, ...options.headers.twin } },
    },
    instance,
    onVerdict(verdict) {
      if (run.verdict(verdict)) parts.journal?.record(forJournal(verdict, config.gate.sources));
    },
    log: (message, topic) => log.often(topic, message),
  });
  const run: Run = new Run({
    gate: mirror,
    fetchPrimary: primary.fetch,
    queued: () => mirror.counts().queued,
    refusing: () => mirror.counts().breakerParts,
    concurrency: options.concurrency,
    perSecond: options.perSecond,
    fieldsOf: ({ request }) => requestFields(request.rawHeaders, options.headers.both, primary.host),
    onJudged(question, verdict, detail) {
      recorded?.forget(verdict.trace);
      options.onJudged(question, verdict, detail);
    },
    onSend(question, trace) {
      if (question.request.answer !== null) recorded?.lay(trace, question.request.answer);
    },
    patienceMs: options.patienceMs,
  });
  await mirror.ready;
  return {
    run: (questions) => run.all(questions),
    stop: () => run.stop(),
    async close(deadlineMs) {
      await run.settled(deadlineMs);
      await mirror.close({ deadlineMs: 0 });
      await closeAll(primary, recorded, parts, deadlineMs);
    },
  };
}

interface Parts {
  readonly journal: Journal | null;
  readonly sync: SyncWatch | null;
}

function opened(
  { config, api, keep, log }: ComparisonOptions,
  instance: string,
  told: Pick<Parameters<typeof watchSync>[0], 'onLag' | 'onBackfill'>,
): Parts {
  const { postgres } = config.stores;
  const sync = postgres === undefined ? null : watchSync({ url: postgres, api, ...told, log });
  if (!keep) return { journal: null, sync };
  const url = config.journal.url;
  if (url === undefined) {
    throw new ShadowError('SHADOW_JOURNAL', '--keep has nowhere to keep anything', {
      expected: 'journal.url in the config, or SHADOWREAD_JOURNAL_URL',
      actual: 'neither',
    });
  }
  const backfillOf = (domain: string): string | null => sync?.backfillOf(domain) ?? null;
  return { journal: journalOf({ config, api, url, instance, backfillOf, log }), sync };
}

async function closeAll(
  primary: { close(): Promise<void> },
  recorded: RecordedPrimary | null,
  { journal, sync }: Parts,
  deadlineMs: number,
): Promise<void> {
  await Promise.all([primary.close(), recorded?.close(), journal?.close(deadlineMs), sync?.close()]);
}

/** Every read is verified, whatever the stage of its domain and the sampling of live traffic. */
function askingAll(policy: Policy, { routes, concurrency }: ComparisonOptions): Policy {
  const domains = [...Object.keys(policy.domains), ...routes.map(({ domain }) => domain)];
  return Object.freeze({
    ...policy,
    shadowing: true,
    domains: Object.fromEntries(domains.map((domain) => [domain, { stage: 'shadow', percent: 100 }] as const)),
    routes: Object.fromEntries(
      routes.map(({ key }) => [key, { paused: false, sample: 1, sampleBy: 'read', priority: 0 }] as const),
    ),
    limits: { ...policy.limits, twinConcurrency: concurrency },
  });
}

function requireSide(
  code: 'SHADOW_PRIMARY' | 'SHADOW_TWIN',
  side: 'primary' | 'twin',
  url: string | undefined,
  variable: string,
  example: string,
): string {
  if (url !== undefined) return url;
  throw new ShadowError(code, `there is no ${side} to ask`, {
    expected: `${side}.url in the config, or ${variable}, or --${side}`,
    actual: 'none of them',
    example,
  });
}
