/** The journal of the admin port: reads, writes, and decisions that are cached for a short time. */
import { ShadowError } from '../errors.ts';
import type { Decision } from '../gate/decision.ts';
import type { DomainEvidence } from '../gate/evidence.ts';
import { type JournalReader, openReader } from '../journal/reader.ts';
import { type JournalWriter, openWriter } from '../journal/writer.ts';

export interface EvaluatedGate {
  readonly decision: Decision;
  readonly evidence: DomainEvidence | null;
}

export interface AdminJournal {
  readonly reader: JournalReader;
  readonly writer: JournalWriter;
  /** The decision as of now, at most a few seconds old. */
  gate(domain: string): Promise<EvaluatedGate>;
  /** Drops the cached decision of this domain. */
  renew(domain: string): void;
  close(): Promise<void>;
}

/** A decision is asked for by every open dashboard and by the metric: once in so long after the last is enough. */
const FRESH_MS = 4_000;

export function openAdminJournal(
  url: string,
  options: {
    readonly evaluate: (domain: string, reader: JournalReader) => Promise<EvaluatedGate>;
    /** Epoch ms. */
    readonly now?: () => number;
  },
): AdminJournal {
  const reader = openReader({ url, max: 4 });
  const writer = openWriter({ url });
  const now = options.now ?? Date.now;
  /** `until` is null while the decision is being made: whoever asks meanwhile waits for the same one, however long it takes. */
  const held = new Map<string, { until: number | null; readonly gate: Promise<EvaluatedGate> }>();
  return {
    reader,
    writer,
    gate(domain) {
      const known = held.get(domain);
      if (known !== undefined && (known.until === null || now() < known.until)) return known.gate;
      const gate = options.evaluate(domain, reader);
      const entry: { until: number | null; readonly gate: Promise<EvaluatedGate> } = { until: null, gate };
      const made = (): void => {
        entry.until = now() + FRESH_MS;
      };
      held.set(domain, entry);
      gate.then(made, made);
      return gate;
    },
    renew: (domain) => void held.delete(domain),
    close: async () => void (await Promise.all([reader.close(), writer.close()])),
  };
}

/** @throws ShadowError SHADOW_JOURNAL where none is configured. */
export function requireJournal({ journal }: { readonly journal: AdminJournal | null }): AdminJournal {
  if (journal !== null) return journal;
  throw new ShadowError('SHADOW_JOURNAL', 'no journal is configured', {
    expected: 'journal.url or SHADOWREAD_JOURNAL_URL',
    example: 'SHADOWREAD_JOURNAL_URL=postgres://user@127.0.0.1:5432/shadowread',
  });
}
