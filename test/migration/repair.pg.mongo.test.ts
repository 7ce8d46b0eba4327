import { expect } from 'chai';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { injectFaults } from '../../src/amanat/demo/faults.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { drainAll } from '../../src/migration/drain.ts';
import { noteGap, openGaps } from '../../src/migration/gaps.ts';
import { REPAIR_CAUSES, repairMany, rowsToRepair } from '../../src/migration/repair/many.ts';
import type { Repair, RepairOptions } from '../../src/migration/repair/repair.ts';
import { repairRow } from '../../src/migration/repair/row.ts';
import { targetOf } from '../../src/migration/repair/target.ts';
import { verify } from '../../src/migration/verify/verify.ts';
import { copied, first, type Synced, synced, updated } from './synced.ts';

let stores: Synced;

/** What `verify` says does not agree. */
async function wrong(): Promise<string[]> {
  const { mongo, sql, mappings } = stores;
  const { findings } = await verify({ mongo, sql, mappings, settleMs: 300, restart: true });
  return findings.map(({ kind, collection, fields }) => `${kind} ${collection} ${fields.join(' ')}`.trim()).sort();
}

async function repair(written: string, options: Partial<RepairOptions> = {}): Promise<Repair> {
  return repairRow({ ...stores, ...options }, await targetOf(stores.sql, stores.mappings, written));
}

describe('repair', () => {
  beforeEach(async () => {
    stores = await synced();
  });
  afterEach(() => stores.close());

  it('makes every injected fault right, each in its own row, by what verify found', async () => {
    const { mongo, sql, mappings } = stores;
    const injected = await injectFaults({ sql, catalogue: await readCatalogue(mongo), random: seeded(7) });
    expect(await wrong()).to.have.length(injected.length);
    const targets = await rowsToRepair(sql, mappings, REPAIR_CAUSES);
    const seen: number[] = [];
    const repairs = await repairMany({ ...stores, rate: 1_000, onProgress: (done) => seen.push(done) }, targets);
    expect(repairs.map(({ result, reason }) => reason ?? result)).to.deep.equal(injected.map(() => 'repaired'));
    expect(seen).to.deep.equal(injected.map((_, i) => i + 1));
    expect(await rowsToRepair(sql, mappings, REPAIR_CAUSES)).to.deep.equal([]);
    expect(await wrong()).to.deep.equal([]);
  });

  it('names each field that it would change, and changes nothing, in a dry run', async () => {
    const { mongo, sql } = stores;
    const payment = await first(mongo, 'payments');
    await sql`update payments set note = 'other', amount = amount + 1 where mongo_id = ${String(payment._id)}`;
    const before = await sql`select * from payments where mongo_id = ${String(payment._id)}`;
    const told = await repair(`payments/${payment._id}`, { dryRun: true });
    expect(told).to.include({ found: 'drift', action: 'update', result: 'planned', reason: null });
    expect(told.fields).to.deep.equal(['/amount', '/note']);
    expect(await sql`select * from payments where mongo_id = ${String(payment._id)}`).to.deep.equal(before);
    expect((await repair(`payments/${payment._id}`)).result).to.equal('repaired');
    expect((await repair(`payments/${payment._id}`)).result).to.equal('agrees');
  });

  it('inserts a lost row under the id that it had, with the rows of its embedded arrays, and takes its uuid for a name', async () => {
    const { mongo, sql } = stores;
    const dispute = await first(mongo, 'disputes', { 'evidence.1': { $exists: true } });
    const id = String(dispute._id);
    const [lost] = await sql`select id from disputes where mongo_id = ${id}`;
    const [{ n } = { n: 0 }] = await sql<{ n: number }[]>`select count(*)::int as n from dispute_evidence`;
    await sql`delete from disputes where mongo_id = ${id}`;
    await sql`delete from id_map where collection = 'disputes' and mongo_id = ${id}`;
    const done = await repair(`disputes/${id.toUpperCase()}`);
    expect(done).to.include({ found: 'missing', action: 'insert', result: 'repaired' });
    expect(await sql`select id from disputes where mongo_id = ${id}`).to.deep.equal([lost]);
    expect(await sql`select count(*)::int as n from dispute_evidence`).to.deep.equal([{ n }]);
    expect((await repair(`disputes/${lost?.id}`)).result).to.equal('agrees');
    expect(await wrong()).to.deep.equal([]);
  });

  it('inserts into the ledger what is lost there, and says what to do instead of a change', async () => {
    const { mongo, sql } = stores;
    const entry = await first(mongo, 'fundsledgerentries');
    const other = await first(mongo, 'fundsledgerentries', { _id: { $gt: entry._id } });
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from funds_ledger_entries where mongo_id = ${String(entry._id)}`;
      await tx`update funds_ledger_entries set amount = amount + 1 where mongo_id = ${String(other._id)}`;
    });
    expect((await repair(`fundsledgerentries/${entry._id}`)).result).to.equal('repaired');
    const refused = await repair(`fundsledgerentries/${other._id}`);
    expect(refused).to.include({ found: 'drift', result: 'refused' });
    expect(refused.reason).to.match(/append-only.*correcting entry/);
    expect((await repair(`fundsledgerentries/${other._id}`, { dryRun: true })).result).to.equal('refused');
    await mongo.collection('fundsledgerentries').deleteOne({ _id: other._id });
    const kept = await repair(`fundsledgerentries/${other._id}`, { deleteGone: true });
    expect(kept).to.include({ found: 'extra', result: 'refused' });
    expect(kept.reason).to.match(/append-only.*correcting entry/);
    expect(await wrong()).to.deep.equal(['extra fundsledgerentries']);
  });

  it('deletes a row whose document is gone only where it is told to', async () => {
    const { mongo, sql, mappings } = stores;
    const id = await copied(mongo, 'addresses', {});
    await drainAll({ mongo, sql, mappings });
    await mongo.collection('addresses').deleteOne({ _id: id });
    const refused = await repair(`addresses/${id}`);
    expect(refused).to.include({ found: 'extra', result: 'refused' });
    expect(refused.reason).to.match(/--delete/);
    expect(await wrong()).to.deep.equal(['extra addresses']);
    const planned = await repair(`addresses/${id}`, { deleteGone: true, dryRun: true });
    expect(planned).to.include({ action: 'delete', result: 'planned' });
    expect((await repair(`addresses/${id}`, { deleteGone: true })).result).to.equal('repaired');
    expect((await repair(`addresses/${id}`)).found).to.equal('absent');
    expect(await wrong()).to.deep.equal([]);
    expect(await sql`select from id_map where collection = 'addresses' and mongo_id = ${String(id)}`).to.have.length(0);
  });

  it('keeps a row that others refer to, and leaves nothing half done', async () => {
    const { mongo, sql } = stores;
    const payment = await first(mongo, 'payments', { buyer: { $exists: true } });
    const buyer = String(payment.buyer);
    await mongo.collection('users').deleteOne({ _id: payment.buyer });
    const refused = await repair(`users/${buyer}`, { deleteGone: true });
    expect(refused.result).to.equal('refused');
    expect(refused.reason).to.match(/foreign key/);
    expect(await sql`select from users where mongo_id = ${buyer}`).to.have.length(1);
  });

  it('refuses what Postgres cannot hold with the reason, and closes the gap of what it repaired', async () => {
    const { mongo, sql, mappings } = stores;
    const address = await first(mongo, 'addresses');
    const other = await first(mongo, 'addresses', { _id: { $gt: address._id } });
    await updated(mongo, 'addresses', address._id, { $set: { city: 'Paris\u0000' } });
    const refused = await repair(`addresses/${address._id}`);
    expect(refused.result).to.equal('refused');
    expect(refused.rejects).to.deep.equal([{ path: 'city', reason: 'text with a NUL, which Postgres cannot hold' }]);
    await noteGap(sql, { collection: 'addresses', mongoId: String(other._id), operation: 'drain', error: 'x' });
    const targets = await rowsToRepair(sql, mappings, ['known_gap']);
    expect(targets.map(({ mongoId }) => mongoId)).to.deep.equal([String(other._id)]);
    await repairMany({ ...stores, rate: 100 }, targets);
    expect(await openGaps(sql)).to.deep.equal([]);
  });

  it('never makes a row older than it is, and changes nothing where it cannot be put on record', async () => {
    const { mongo, sql } = stores;
    const user = await first(mongo, 'users');
    const id = String(user._id);
    await sql`update users set bio = 'newer', mongo_rev = mongo_rev + 5 where mongo_id = ${id}`;
    const refused = await repair(`users/${id}`);
    expect(refused.result).to.equal('refused');
    expect(refused.reason).to.match(/revision/);
    await sql`update users set mongo_rev = 0 where mongo_id = ${id}`;
    const failed = await repair(`users/${id}`, {
      onChange: () => Promise.reject(new Error('the journal is down')),
    }).then(
      () => null,
      (error: unknown) => String(error),
    );
    expect(failed).to.match(/the journal is down/);
    expect(await sql`select bio from users where mongo_id = ${id}`).to.deep.equal([{ bio: 'newer' }]);
    expect((await repair(`users/${id}`)).result).to.equal('repaired');
  });

  it('puts the Counter’s sequence where the counter is, and only tells so in a dry run', async () => {
    const { mongo, sql } = stores;
    const counter = await first(mongo, 'counters');
    const name = `counters/${String(counter._id)}`;
    const at = async (): Promise<unknown> =>
      (await sql`select last_value::int as n from derived_destination_index`)[0]?.n;
    await sql`select setval('derived_destination_index', ${Number(counter.seq) + 40})`;
    expect((await repair(name, { dryRun: true })).result).to.equal('planned');
    expect(await at()).to.equal(Number(counter.seq) + 40);
    expect((await repair(name)).result).to.equal('repaired');
    expect(await at()).to.equal(Number(counter.seq));
  });

  it('says what it does not understand', async () => {
    const { sql, mappings } = stores;
    const refusal = (written: string): Promise<string> =>
      targetOf(sql, mappings, written).then(
        () => 'taken',
        (error: unknown) => String(error),
      );
    expect(await refusal('payments')).to.match(/collection\/id/);
    expect(await refusal('payments/12')).to.match(/24 hex digits/);
    expect(await refusal('Payment/66d4f0c2a1b2c3d4e5f60718')).to.match(/for example: shadowread repair payments\//);
    expect(await refusal('payment_quotes/66d4f0c2a1b2c3d4e5f60718')).to.match(/embedded in payments/);
    expect(await refusal('payments/0196f0c2-0000-7000-8000-000000000000')).to.match(/no row or document/);
  });
});
