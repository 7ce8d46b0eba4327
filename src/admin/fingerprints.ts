/** GET /api/fingerprints, PATCH /api/fingerprints/:id: what an engineer works on. */
import { z } from 'zod';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { anyId, domainName, limit, routeKey, STATE_CHANGE_EXAMPLE, stateChange } from './input.ts';
import { requireJournal } from './journal.ts';

const HOUR = 3_600_000;
const TREND_HOURS = 24;

export function fingerprintEndpoints(context: AdminContext): readonly Endpoint[] {
  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/fingerprints',
      what: 'Lists fingerprints, sorted by weight or by when they were seen last. `after` is the `id` of the last row of the previous page.',
      query: z.strictObject({
        domain: domainName.optional(),
        route: routeKey.optional(),
        state: z.enum(['open', 'acknowledged', 'fixed'], { error: 'expected open, acknowledged or fixed' }).optional(),
        sort: z.enum(['weight', 'last'], { error: 'expected weight or last' }).default('weight'),
        after: anyId.optional(),
        limit: limit.default(200),
      }),
      async answer({ query: { domain, route, state, sort, after, limit: most } }) {
        const { reader } = requireJournal(context);
        const { rows, next } = await reader.fingerprints({
          ...(domain === undefined ? {} : { domain }),
          ...(route === undefined ? {} : { route }),
          ...(state === undefined ? {} : { state }),
          sort,
          ...(after === undefined ? {} : { after }),
          limit: most,
        });
        const now = Date.now();
        const since = Math.floor(now / HOUR) * HOUR - (TREND_HOURS - 1) * HOUR;
        // Only what moved within the day has a trend to ask for.
        const moved = rows.filter((row) => row.lastSeen >= since).map((row) => row.fingerprint);
        const points = await reader.trends(moved, 'hour', since);
        const fingerprints = rows.map((row) => {
          const trend = new Array<number>(TREND_HOURS).fill(0);
          for (const { at, count } of points.get(row.fingerprint) ?? [])
            trend[Math.min(TREND_HOURS - 1, Math.max(0, Math.floor((at - since) / HOUR)))] = count;
          return { ...row, id: row.fingerprint, trend, cause: mostOf(row.causes) };
        });
        return { fingerprints, next };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'patch',
      path: '/fingerprints/:id',
      what: 'Acknowledges a fingerprint, marks it as fixed, or opens it again.',
      params: z.strictObject({ id: anyId }),
      body: stateChange('fixed'),
      example: STATE_CHANGE_EXAMPLE,
      async answer({ params: { id }, body, who }) {
        const row = await requireJournal(context).writer.patchFingerprint(id, body, who);
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
