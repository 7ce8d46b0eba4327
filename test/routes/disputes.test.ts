import { expect } from 'chai';
import type { Document } from 'mongodb';
import { disputesRoutes } from '../../src/routes/disputes.ts';
import { asked, type EndpointRow, Endpoints, itAgrees, NOBODY } from '../support/endpoints.ts';
import { arrayOf, recordOf } from '../support/json.ts';

const all = new Endpoints(disputesRoutes);
const disputes = (): readonly Document[] => all.stored('disputes');

before(async function seeded() {
  await all.open('disputes', 'payments', 'users');
});

const ONE = '/api/disputes/:id';
const LIST = '/api/disputes';
const STATS = '/api/disputes/stats';

const where = (holds: (doc: Document) => boolean) => `/api/disputes/${all.one('disputes', holds)._id}`;
const isThere = (payment: unknown) => all.stored('payments').some((doc) => String(doc._id) === String(payment));

const rows: readonly EndpointRow[] = [
  ...['open', 'under_review', 'resolved', 'rejected'].map((status) =>
    asked(ONE, 200, status, () => where((doc) => doc.status === status)),
  ),
  asked(ONE, 200, 'whose payment is gone', () => where((doc) => !isThere(doc.payment))),
  asked(ONE, 200, 'without evidence', () => where((doc) => doc.evidence.length === 0)),
  asked(ONE, 200, 'with much evidence', () => where((doc) => doc.evidence.length > 3)),
  asked(ONE, 200, 'with a step that nobody made', () =>
    where((doc) => doc.timeline.some((step: Document) => step.by === undefined)),
  ),
  asked(ONE, 200, 'resolved with a note that is null', () => where((doc) => doc.resolution?.note === null)),
  asked(ONE, 404, 'unknown', () => `/api/disputes/${NOBODY}`),
  asked(ONE, 400, 'malformed', () => '/api/disputes/x'),
  asked(LIST, 200, 'by default', () => '/api/disputes'),
  ...['createdAt', '-createdAt', 'claimAmount', '-claimAmount'].map((sort) =>
    asked(LIST, 200, `sorted by ${sort}`, () => `/api/disputes?sort=${sort}&limit=50&page=2`),
  ),
  ...['open', 'under_review', 'resolved', 'rejected'].map((status) =>
    asked(LIST, 200, `of status ${status}`, () => `/api/disputes?status=${status}&limit=100`),
  ),
  asked(LIST, 200, 'of one who opened it', () => `/api/disputes?openedBy=${disputes()[0]?.openedBy}`),
  asked(LIST, 200, 'of nobody', () => `/api/disputes?openedBy=${NOBODY}`),
  asked(LIST, 200, 'past the end', () => '/api/disputes?page=3&limit=100'),
  ...['status=closed', 'sort=age', 'limit=0', 'limit=101', 'page=0', 'status='].map((query) =>
    asked(LIST, 400, query, () => `/api/disputes?${query}`),
  ),
  asked(LIST, 400, 'of a malformed user', () => '/api/disputes?openedBy=x'),
  asked(STATS, 200, 'now', () => '/api/disputes/stats'),
  ...['2026-06-01', '2026-05-31T23:59:59.999Z', '2025-03-30T01:00:00.000Z', '2024-01-01', '2030-01-01'].map((at) =>
    asked(STATS, 200, `at ${at}`, () => `/api/disputes/stats?at=${at}`),
  ),
  asked(STATS, 400, 'at no instant', () => '/api/disputes/stats?at=noon'),
];

const DAY = 86_400_000;

describe('disputes on both sides', () => {
  itAgrees(all, rows);

  it('evidence and timeline are in the order in which they were handed in', async () => {
    const shuffled = disputes().filter((doc) => {
      const times = doc.evidence.map((one: Document) => one.at.getTime());
      return times.some((at: number, index: number) => index > 0 && at < times[index - 1]);
    });
    expect(shuffled.length).to.be.greaterThan(5);
    for (const doc of shuffled.slice(0, 5)) {
      const body = recordOf(await all.agreed(ONE, `/api/disputes/${doc._id}`));
      for (const field of ['evidence', 'timeline'] as const) {
        const shown = arrayOf(body[field]).map((item) => recordOf(item)._id);
        expect(shown).to.deep.equal(doc[field].map((item: Document) => String(item._id)));
      }
    }
  });

  it('ages are whole UTC days and the median is the lower one', async () => {
    const at = new Date('2026-06-01T00:00:00.000Z');
    const body = recordOf(await all.agreed(STATS, `/api/disputes/stats?at=${at.toISOString()}`));
    const ages = disputes()
      .filter((doc) => doc.status === 'open' || doc.status === 'under_review')
      .map((doc) => Math.floor(at.getTime() / DAY) - Math.floor(doc.createdAt.getTime() / DAY));
    const within = (from: number, to: number) => ages.filter((age) => age >= from && age <= to).length;
    expect(body.open).to.deep.equal([
      { bucket: '0-2', count: within(0, 2) },
      { bucket: '3-7', count: within(3, 7) },
      { bucket: '8-30', count: within(8, 30) },
      { bucket: '31+', count: within(31, 1e9) },
    ]);
    const took = disputes()
      .flatMap((doc) => (doc.resolvedAt instanceof Date ? [doc.resolvedAt.getTime() - doc.createdAt.getTime()] : []))
      .sort((a, b) => a - b);
    expect(body.resolved).to.equal(took.length);
    expect(body.medianResolutionMs).to.equal(took[Math.ceil(took.length / 2) - 1]);
  });

  it('a moment before midnight and a moment after differ by a day, on both sides', async () => {
    const opened = all.one('disputes', (doc) => doc.status === 'open').createdAt as Date;
    const midnight = (Math.floor(opened.getTime() / DAY) + 3) * DAY;
    const before = recordOf(await all.agreed(STATS, `/api/disputes/stats?at=${new Date(midnight - 1).toISOString()}`));
    const after = recordOf(await all.agreed(STATS, `/api/disputes/stats?at=${new Date(midnight).toISOString()}`));
    expect(before.asOf).not.to.equal(after.asOf);
    expect(before.open).not.to.deep.equal(after.open);
  });
});
