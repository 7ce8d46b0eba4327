import { expect } from 'chai';
import postgres from 'postgres';
import { answerFault, storedFault } from '../../src/base/fault-of.ts';
import { faultSentence } from '../../src/base/fault-words.ts';
import {
  FAULT_EVENTS,
  FAULT_STATES,
  FAULT_TRANSITIONS,
  type FaultEvent,
  type FaultState,
} from '../../src/journal/fault-states.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { type JournalWriter, openWriter } from '../../src/journal/writer.ts';
import type { Fault, Verdict } from '../../src/types.ts';
import { freshJournal } from '../support/journal-database.ts';
import { mismatch } from '../support/verdicts.ts';

const DAY = 86_400_000;
const PAYMENT = '66d4f0a2b1c3d4e5f6a7b8c9';
const STATS = 'GET /api/payments/stats';

const drift = (field: string, entity = PAYMENT): Fault =>
  storedFault(
    'data_drift',
    { domain: 'payments', collection: 'payments', entity, field },
    { path: `/${field}`, kind: 'value', rule: 'money', measure: { of: 'number', delta: '0.01', unit: 'USD' } },
    true,
  );

const showing = (faults: readonly Fault[], change: Parameters<typeof mismatch>[0] = {}): Verdict =>
  mismatch({ cause: { cause: 'data_drift', entities: [], note: null, faults }, ...change });

describe('faults in the journal', () => {
  let url: string;
  let reader: JournalReader;
  let writer: JournalWriter;
  let journals: Journal[];

  beforeEach(async () => {
    url = await freshJournal();
    reader = openReader({ url, max: 1 });
    writer = openWriter({ url });
    journals = ['a', 'b'].map((instance) =>
      openJournal({ url, instance, limits: { journalBuffer: 10_000 }, log: () => undefined }),
    );
  });
  afterEach(async () => {
    await Promise.all(journals.map((journal) => journal.close(2_000)));
    await Promise.all([reader.close(), writer.close()]);
  });

  const record = async (...verdicts: readonly Verdict[]): Promise<void> => {
    for (const verdict of verdicts) journals[0]?.record(verdict);
    await journals[0]?.flush(120_000);
  };
  const states = async (): Promise<string[]> => (await reader.faults({})).rows.map(({ state }) => state);

  it('are one a stored fact, whichever replica, route and list showed it, with the reads of each route', async () => {
    const began = Date.now() - 60_000;
    for (const [i, journal] of journals.entries()) {
      journal.record(showing([drift('amount')], { at: began + i }));
      journal.record(showing([drift('amount'), drift('status')], { key: STATS, at: began + 10 + i }));
    }
    // Both at once: neither waits for the other's row for ever.
    await Promise.all(journals.map((journal) => journal.flush(120_000)));
    const { rows } = await reader.faults({ domain: 'payments' });
    expect(rows.map(({ field }) => field).toSorted()).to.deep.equal(['amount', 'status']);
    const amount = rows.find(({ field }) => field === 'amount');
    expect(amount).to.deep.include({
      id: drift('amount').id,
      cause: 'data_drift',
      collection: 'payments',
      entity: PAYMENT,
      state: 'open',
      reads: 4,
      firstSeen: began,
      lastSeen: began + 11,
    });
    expect(amount?.routes.map(({ route, reads }) => ({ route, reads }))).to.deep.equal([
      { route: 'GET /api/payments/:id', reads: 2 },
      { route: STATS, reads: 2 },
    ]);
    // The read of each route that can be asked again.
    for (const { route, lastMismatch } of amount?.routes ?? []) {
      expect((await reader.mismatch(lastMismatch ?? ''))?.route).to.equal(route);
    }
    expect(await reader.openFaults()).to.deep.equal([
      { domain: 'payments', cause: 'data_drift', fatal: true, open: 2 },
    ]);
    expect((await reader.evidence('payments')).faults).to.deep.equal({
      open: 2,
      names: rows.map(({ field }) => `payments/66d4f0a2…b8c9 ${field}`),
    });
    expect((await reader.fault(drift('amount').id.slice(0, 6)))?.id).to.equal(drift('amount').id);
    expect(faultSentence(drift('amount'))).to.equal(
      `\`amount\` of payments/${PAYMENT} differs from its document: twin is +0.01 USD.`,
    );
  });

  it('are one a route and place where no row is to blame, or none could be looked at', async () => {
    const [pattern] = mismatch().patterns;
    if (pattern === undefined) throw new Error('no pattern');
    await record(
      mismatch({ cause: { cause: 'twin_logic', entities: [], note: null } }),
      mismatch({ cause: { cause: 'twin_logic', entities: [], note: null } }),
      mismatch({ cause: null, key: STATS }),
    );
    const { rows } = await reader.faults({});
    expect(rows.map(({ cause, route, reads }) => `${cause} ${route} ${reads}`).toSorted()).to.deep.equal([
      'twin_logic GET /api/payments/:id 2',
      `unknown ${STATS} 1`,
    ]);
    const route = { key: 'GET /api/payments/:id', domain: 'payments' };
    expect(rows.map(({ id }) => id)).to.include(answerFault('twin_logic', route, pattern).id);
  });

  it('return when a read shows them after their repair, and not by a read from before it', async () => {
    const { id } = drift('amount');
    await record(showing([drift('amount')]));
    const repaired = await writer.patchFault(id, { state: 'repaired', reason: 'made again from the document' }, 'ada');
    expect(repaired).to.include({ state: 'repaired', reads: 1 });
    expect(await reader.openFaults()).to.deep.equal([]);
    await record(showing([drift('amount')], { at: Date.now() - 60_000 }));
    expect(await states()).to.deep.equal(['repaired']);
    await record(showing([drift('amount')], { at: (repaired.repairedAt ?? 0) + 5 }));
    expect(await states()).to.deep.equal(['returned']);
    expect(await reader.openFaults()).to.deep.equal([
      { domain: 'payments', cause: 'data_drift', fatal: true, open: 1 },
    ]);
    const audit = await reader.audit({ subject: id });
    expect(audit).to.have.length(1);
    expect(audit[0]).to.deep.include({ who: 'ada', what: 'fault' });
  });

  it('are acknowledged by an owner, with a reason and an expiry, and open again after it', async () => {
    const { id } = drift('amount');
    await record(showing([drift('amount')]));
    const until = Date.now() + DAY;
    await writer.patchFault(id, { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt: until }, 'bob');
    const [row] = (await reader.faults({ state: 'acknowledged' })).rows;
    expect(row).to.deep.include({ owner: 'ada', reason: 'known', expired: false, updatedBy: 'bob' });
    await record(showing([drift('amount')]));
    expect(await states(), 'a read changes nothing about it').to.deep.equal(['acknowledged']);
    expect(await reader.openFaults()).to.deep.equal([]);
    const refused = await writer
      .patchFault(id, { state: 'acknowledged', owner: ' ', reason: 'known', expiresAt: until }, 'bob')
      .catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'SHADOW_USAGE');
    const unknown = await writer.patchFault('feed', { state: 'open' }, 'bob').catch((error: unknown) => error);
    expect(unknown).to.have.property('code', 'SHADOW_NOT_FOUND');
  });

  it('move from each state by each event as the table of transitions says', async () => {
    const { id } = drift('amount');
    await record(showing([drift('amount')], { at: Date.now() - 60_000 }));
    const acknowledged = { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt: Date.now() + DAY } as const;
    const by: Readonly<Record<FaultEvent, () => Promise<unknown>>> = {
      shown: () => writer.settleFault(id, { found: 'shown', reason: 'still', readMsAgo: 0 }, 'bob'),
      gone: () => writer.settleFault(id, { found: 'gone', readMsAgo: 0 }, 'bob'),
      acknowledge: () => writer.patchFault(id, acknowledged, 'bob'),
      repair: () => writer.patchFault(id, { state: 'repaired' }, 'bob'),
      open: () => writer.patchFault(id, { state: 'open' }, 'bob'),
    };
    const into: Readonly<Record<FaultState, readonly FaultEvent[]>> = {
      open: ['open'],
      acknowledged: ['open', 'acknowledge'],
      repaired: ['open', 'repair'],
      returned: ['open', 'repair', 'shown'],
    };
    for (const state of FAULT_STATES) {
      for (const event of FAULT_EVENTS) {
        for (const step of into[state]) await by[step]();
        expect(await states(), `into ${state}`).to.deep.equal([state]);
        await by[event]();
        expect(await states(), `${event} in ${state}`).to.deep.equal([FAULT_TRANSITIONS[event][state]]);
        const [row] = (await reader.faults({})).rows;
        // Only an acknowledged fault has an owner, and what returned knows when it was repaired.
        expect(row?.owner, `owner after ${event} in ${state}`).to.equal(row?.state === 'acknowledged' ? 'ada' : null);
        if (row?.state === 'returned') expect(row.repairedAt).to.be.a('number');
      }
    }
  });

  it('move by traffic as by reads that were asked again, and only by reads from after the repair', async () => {
    const { id } = drift('amount');
    const showAt = (at: number): Promise<void> => record(showing([drift('amount')], { at }));
    const reading = (found: 'shown' | 'gone', readMsAgo: number): Promise<{ readonly state: FaultState }> =>
      writer.settleFault(id, { found, readMsAgo }, 'bob');
    await showAt(Date.now() - 60_000);
    // It was asked again before somebody else repaired it: that says nothing of the row as it is.
    await writer.patchFault(id, { state: 'repaired', reason: 'ticket 8' }, 'ada');
    expect(await reading('shown', 30_000)).to.include({ state: 'repaired', reason: 'ticket 8' });
    await showAt(Date.now() - 30_000);
    expect(await states()).to.deep.equal(['repaired']);
    await showAt(Date.now() + 1_000);
    expect(await states()).to.deep.equal(['returned']);
    // None showed it ten minutes ago; a read has since.
    expect(await reading('gone', 600_000)).to.include({ state: 'returned' });
    await writer.patchFault(id, { state: 'open' }, 'ada');
    expect(await reading('gone', 600_000)).to.include({ state: 'open' });
    const until = Date.now() + DAY;
    await writer.patchFault(id, { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt: until }, 'ada');
    expect(await reading('gone', 600_000)).to.include({ state: 'acknowledged', owner: 'ada', reason: 'known' });
    expect(await reading('shown', 0)).to.include({ state: 'acknowledged', owner: 'ada', reason: 'known' });
    await showAt(Date.now() + 2_000);
    expect(await states()).to.deep.equal(['acknowledged']);
    const trail = await reader.audit({ subject: id });
    expect(
      trail.map(({ who }) => who),
      'what moves nothing is no change',
    ).to.deep.equal(['ada', 'ada', 'ada']);
  });

  it('are listed with an expired acknowledgement among the open ones', async () => {
    await record(showing([drift('amount')], { at: Date.now() - 60_000 }), showing([drift('status')]));
    const known = { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt: Date.now() + DAY } as const;
    for (const field of ['amount', 'status']) await writer.patchFault(drift(field).id, known, 'ada');
    const sql = postgres(url, { max: 1 });
    await sql`update shadowread.faults set expires_at = now() - interval '1 s' where fault = ${drift('amount').id}`;
    await sql.end({ timeout: 1 });
    const { rows } = await reader.faults({});
    expect(rows.map(({ field, expired }) => `${field} ${expired}`)).to.deep.equal(['amount true', 'status false']);
  });

  it('are bounded in a domain: the rest is one row, every read counted, which nobody can acknowledge', async () => {
    const many = Array.from({ length: 1_030 }, (_, i) => showing([drift('amount', i.toString(16).padStart(24, '0'))]));
    await record(...many);
    const { rows, next } = await reader.faults({ limit: 1_000 });
    const rest = (await reader.faults({ limit: 1_000, after: next ?? '' })).rows;
    const all = [...rows, ...rest];
    expect(all).to.have.length(1_001);
    expect(all.reduce((sum, { reads }) => sum + reads, 0)).to.equal(1_030);
    const others = all.find((row) => row.others);
    expect(others?.reads).to.equal(30);
    const refused = await writer
      .patchFault(
        others?.id ?? '',
        { state: 'acknowledged', owner: 'ada', reason: 'all', expiresAt: Date.now() + DAY },
        'ada',
      )
      .catch((error: unknown) => error);
    expect(refused).to.have.property('message').that.contains('stands for many faults');
  });
});
