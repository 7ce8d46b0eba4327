/** GET /api/fingerprints, PATCH /api/fingerprints/:id: what an engineer works on. */
import { z } from 'zod';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { anyId, domainName, instant, limit, prose, routeKey } from './input.ts';
import { requireJournal } from './journal.ts';

const HOUR = 3_600_000;
const TREND_HOURS = 24;

const reason = prose(300);

const patch = z.discriminatedUnion(
  'state',
  [
    z.strictObject({ state: z.literal('acknowledged'), owner: prose(80), reason, expiresAt: instant }),
    z.strictObject({ state: z.literal('open'), reason: reason.optional() }),
    z.strictObject({ state: z.literal('fixed'), reason: reason.optional() }),
  ],
  { error: 'expected open, fixed, or acknowledged with owner, reason and expiresAt' },
);

export function fingerprintEndpoints(context: AdminContext): readonly Endpoint[] {
  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/fingerprints',
      what: 'fingerprints, by weight or by when they were last seen',
      query: z.strictObject({
        domain: domainName.optional(),
        route: routeKey.optional(),
        state: z.enum(['open', 'acknowledged', 'fixed'], { error: 'expected open, acknowledged or fixed' }).optional(),
        sort: z.enum(['weight', 'last'], { error: 'expected weight or last' }).default('weight'),
        limit: limit.default(200),
      }),
      async answer({ query: { domain, route, state, sort, limit: most } }) {
        const { reader } = requireJournal(context);
        const rows = await reader.fingerprints({
          ...(domain === undefined ? {} : { domain }),
          ...(route === undefined ? {} : { route }),
          ...(state === undefined ? {} : { state }),
          sort,
          limit: most,
        });
        const now = Date.now();
        const since = Math.floor(now / HOUR) * HOUR - (TREND_HOURS - 1) * HOUR;
        const fingerprints = await Promise.all(
          rows.map(async (row) => {
            const trend = new Array<number>(TREND_HOURS).fill(0);
            // Only what moved within the day has a trend to ask for.
            const points = row.lastSeen < since ? [] : await reader.trend(row.fingerprint, 'hour', since);
            for (const point of points)
              trend[Math.min(TREND_HOURS - 1, Math.max(0, Math.floor((point.at - since) / HOUR)))] = point.count;
            return { ...row, id: row.fingerprint, trend, cause: mostOf(row.causes) };
          }),
        );
        return { fingerprints };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'patch',
      path: '/fingerprints/:id',
      what: 'acknowledges a fingerprint, says that it is fixed, or opens it again',
      params: z.strictObject({ id: anyId }),
      body: patch,
      example:
        '{"state":"acknowledged","owner":"ada","reason":"rounding before 2019","expiresAt":"2026-12-31T00:00:00Z"}',
      async answer({ params: { id }, body, who }) {
        const change =
          body.state === 'acknowledged'
            ? body
            : { state: body.state, ...(body.reason === undefined ? {} : { reason: body.reason }) };
        const row = await requireJournal(context).writer.patchFingerprint(id, change, who);
        context.changed('fingerprints');
        return row;
      },
    }),
  ];
}

/** The cause found most often. */
function mostOf(causes: Readonly<Record<string, number>>): string | null {
  return Object.entries(causes).toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}
