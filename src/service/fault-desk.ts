/**
 * What is done about faults: their rows are repaired, on record; then the reads that showed them are asked again, which
 * says whether a fault is repaired.
 */
import { EXIT, messageOf, ShadowError } from '../errors.ts';
import type { FaultState } from '../journal/fault-states.ts';
import { faultsOf } from '../journal/faults-of.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import type { JournalReader } from '../journal/reader.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { KnownRow } from '../migration/repair/many.ts';
import type { Repair } from '../migration/repair/repair.ts';
import type { Verdict, VerdictKind } from '../types.ts';

/** One read that showed a fault, after its recheck. */
export interface RecheckedRead {
  readonly route: string;
  /** The mismatch whose read was rechecked. */
  readonly mismatch: string;
  /** `gone`: it shows the fault no more. `shows`: it still does. `not_asked`: it cannot be told, and `why` says why. */
  readonly outcome: 'gone' | 'shows' | 'not_asked';
  readonly verdict: VerdictKind | null;
  /** Where the two answers still differ. */
  readonly paths: readonly string[];
  readonly why: string | null;
}

/** A fault after its reads were rechecked. */
export interface SettledFault {
  readonly id: string;
  readonly state: FaultState;
  readonly asked: readonly RecheckedRead[];
}

/** Rechecks a read from its sealed evidence. Rejects where that is impossible. */
export type RecheckRead = (evidence: Uint8Array) => Promise<Verdict>;

export interface FaultDeskOptions {
  readonly reader: JournalReader;
  readonly writer: JournalWriter;
  readonly recheck: RecheckRead;
  readonly who: string;
  readonly reason?: string | undefined;
}

export interface FaultDesk {
  /** `collection/id` of the row that a fault blames. @throws ShadowError SHADOW_NOT_FOUND, SHADOW_REFUSED where it blames none */
  rowOf(fault: string): Promise<string>;
  /** The rows that faults blame and that are not repaired yet. */
  rows(): Promise<readonly KnownRow[]>;
  /** Keeps a change in the audit trail. */
  onChange(repair: Repair): Promise<void>;
  /**
   * Asks again the reads that showed faults of these rows. A fault that none of them shows becomes `repaired`, and so does
   * one without a read that can be asked; any other keeps its state, or is `returned` where it was repaired, and its
   * reason tells what still differs.
   */
  settle(
    rows: readonly Pick<Repair, 'collection' | 'mongoId'>[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<readonly SettledFault[]>;
  /** The same for one fault that was repaired elsewhere. If none of its reads can be rechecked, it keeps its state. */
  recheck(fault: string): Promise<SettledFault>;
}

/** Routes of a fault that are rechecked: those that show it most. */
const ROUTES_RECHECKED = 8;
/** Paths that are named as a reason. */
const PATHS_NAMED = 3;

export function createFaultDesk({ reader, writer, recheck, who, reason }: FaultDeskOptions): FaultDesk {
  const said = reason === undefined ? {} : { reason };
  let known: Promise<readonly FaultRow[]> | undefined;
  const unrepaired = (): Promise<readonly FaultRow[]> => {
    known ??= readUnrepaired(reader);
    return known;
  };
  /** One read may show many faults: it is rechecked once. */
  const verdicts = new Map<string, Promise<Verdict | string>>();
  const verdictOf = (mismatch: string): Promise<Verdict | string> => {
    const held = verdicts.get(mismatch) ?? recheckMismatch(mismatch, reader, recheck);
    verdicts.set(mismatch, held);
    return held;
  };
  const recheckReads = async (fault: FaultRow): Promise<readonly RecheckedRead[]> => {
    const reads: RecheckedRead[] = [];
    for (const { route, lastMismatch: mismatch } of fault.routes.slice(0, ROUTES_RECHECKED)) {
      if (mismatch !== null) reads.push({ route, mismatch, ...judged(fault, await verdictOf(mismatch)) });
    }
    return reads;
  };
  const keep = async (fault: FaultRow, reads: readonly RecheckedRead[], askedAt: number): Promise<SettledFault> => {
    const showing = reads.find(({ outcome }) => outcome === 'shows');
    const found =
      showing === undefined
        ? { found: 'gone' as const, ...said }
        : { found: 'shown' as const, reason: stillDiffers(showing) };
    const { id, state } = await writer.settleFault(fault.id, { ...found, readMsAgo: performance.now() - askedAt }, who);
    return { id, state, asked: reads };
  };
  return {
    async rowOf(id) {
      const { collection, entity, cause, route } = await faultOf(reader, id);
      if (collection !== null && entity !== null) return `${collection}/${entity}`;
      throw new ShadowError('SHADOW_REFUSED', 'no row is to blame for this fault', {
        expected: 'a fault of a row; what the rows do not explain is repaired in the code of the twin',
        actual: `${cause}${route === null ? '' : ` on ${route}`}`,
        exit: EXIT.no,
      });
    },
    async rows() {
      return (await unrepaired()).flatMap(({ collection, entity, cause }) =>
        collection === null || entity === null ? [] : [{ collection, mongoId: entity, cause }],
      );
    },
    onChange: ({ collection, mongoId, found, action, result, fields, revision }) =>
      writer.note({
        who,
        what: 'repair',
        subject: `${collection}/${mongoId}`,
        before: { found, fields: [...fields] },
        after: { action, result, revision },
        ...said,
      }),
    async settle(rows, onProgress) {
      const named = new Set(rows.map(({ collection, mongoId }) => `${collection}/${mongoId}`));
      const mine = (await unrepaired()).filter(({ collection, entity }) => named.has(`${collection}/${entity}`));
      // One read may show several faults and is asked once: at the earliest now.
      const askedAt = performance.now();
      const done: SettledFault[] = [];
      for (const fault of mine) {
        done.push(await keep(fault, await recheckReads(fault), askedAt));
        onProgress?.(done.length, mine.length);
      }
      return done;
    },
    async recheck(id) {
      const fault = await faultOf(reader, id);
      const askedAt = performance.now();
      const reads = await recheckReads(fault);
      const told = reads.some(({ outcome }) => outcome !== 'not_asked');
      return told && !fault.others ? keep(fault, reads, askedAt) : { id: fault.id, state: fault.state, asked: reads };
    },
  };
}

async function faultOf(reader: JournalReader, id: string): Promise<FaultRow> {
  const fault = await reader.fault(id);
  if (fault !== null) return fault;
  throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such fault', {
    expected: 'an id of `shadowread faults`, a beginning of one that no other has, or collection/id',
    actual: id,
    exit: EXIT.no,
  });
}

/** A text says why it could not be rechecked. */
async function recheckMismatch(
  mismatch: string,
  reader: JournalReader,
  recheck: RecheckRead,
): Promise<Verdict | string> {
  const sealed = await reader.sealedEvidence(mismatch);
  if (sealed === null) return 'nothing was kept to ask with (evidence.keyFile), or it is older than evidence.ttlHours';
  try {
    return await recheck(sealed.evidence);
  } catch (error) {
    return messageOf(error);
  }
}

function judged(fault: FaultRow, verdict: Verdict | string): Omit<RecheckedRead, 'route' | 'mismatch'> {
  if (typeof verdict === 'string') return { outcome: 'not_asked', verdict: null, paths: [], why: verdict };
  const { kind, reason, patterns } = verdict;
  switch (kind) {
    case 'match':
    case 'settled':
      return { outcome: 'gone', verdict: kind, paths: [], why: null };
    case 'mismatch': {
      const paths = patterns.map(({ path }) => path);
      const found = faultsOf(verdict, patterns);
      // Where it cannot be told which row a difference comes from, it may be this one.
      const shows = found.some(
        ({ id, cause }) => id === fault.id || (cause === 'unknown' && fault.collection !== null),
      );
      return { outcome: shows ? 'shows' : 'gone', verdict: kind, paths: shows ? paths : [], why: null };
    }
    case 'unstable':
    case 'twin_error':
    case 'twin_timeout':
    case 'skipped':
      return { outcome: 'not_asked', verdict: kind, paths: [], why: reason === null ? kind : `${kind}: ${reason}` };
  }
}

function stillDiffers({ route, paths }: RecheckedRead): string {
  const named = paths.slice(0, PATHS_NAMED).map((path) => (path === '' ? '(whole body)' : path));
  const more = paths.length > PATHS_NAMED ? ` and ${paths.length - PATHS_NAMED} more` : '';
  return `asked again, ${route} still differs at ${named.join(', ')}${more}`;
}

async function readUnrepaired(reader: JournalReader): Promise<readonly FaultRow[]> {
  const found: FaultRow[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof reader.faults>> = await reader.faults({
      ...(after === null ? {} : { after }),
      limit: 1_000,
    });
    found.push(...page.rows.filter(({ state, others }) => state !== 'repaired' && !others));
    after = page.next;
  } while (after !== null);
  return found;
}
