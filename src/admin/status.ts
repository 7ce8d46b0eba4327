/** GET /api/status, /api/routes, /api/overview, /api/series, /api/cutover: how it stands. */
import { z } from 'zod';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import {
  comparedOf,
  countOf,
  epochRateOf,
  gatesOf,
  HOUR,
  rateOf,
  reportsOf,
  routeRateOf,
  sumOf,
  worst,
} from './figures.ts';
import { cursorInstant, domainName, hours, inOrder, routeKey } from './input.ts';

/** The cutover table may be so old, ms. */
const CUTOVER_MS = 5_000;
/** A chart shows at most so many steps. */
const STEPS = 240;

export function statusEndpoints(context: AdminContext): readonly Endpoint[] {
  const { plane, journal, config } = context;
  let cutover: { readonly at: number; readonly rows: ReturnType<typeof context.cutover> } | null = null;

  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/status',
      what: 'Shows how this proxy stands: config digest, reads by verdict, reads in flight, limits, breaker.',
      async answer({ access }) {
        const { routes, ...rest } = await plane.snapshot();
        return { ...rest, verdicts: sumOf(routes), access, notice: config.admin.notice ?? null };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/routes',
      what: 'Lists every route with its verdicts and latencies of the last 24 hours, and its mismatch rate in the present epoch with the upper bound of its domain.',
      async answer() {
        const { routes } = await plane.snapshot();
        const [reports, gates] = await Promise.all([
          reportsOf(context, Date.now() - 24 * HOUR),
          gatesOf(context, [...new Set(routes.map((route) => route.domain))]),
        ]);
        return routes.map(({ key, method, pattern, domain, verdicts, reasons, policy }) => {
          const report = reports.get(key);
          const gate = gates.get(domain);
          const evidence = gate?.evidence?.routes.find((one) => one.key === key);
          return {
            key,
            method,
            pattern,
            domain,
            verdicts: report?.verdicts ?? verdicts,
            reasons: report?.reasons ?? reasons,
            ...(gate === undefined
              ? { mismatchRate: rateOf(verdicts), bound: null }
              : routeRateOf(evidence, gate.decision)),
            latency: report?.latency ?? null,
            policy,
          };
        });
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/overview',
      what: 'Lists every domain with its stage and gate, its mismatch rate and bound in the present epoch, and its verdicts of the last `hours`.',
      query: z.strictObject({ hours: hours.default(24) }),
      async answer({ query: { hours: window } }) {
        const snapshot = await plane.snapshot();
        const domains = [...new Set(snapshot.routes.map((route) => route.domain))];
        const [reports, gates, faults] = await Promise.all([
          reportsOf(context, Date.now() - window * HOUR, { timed: false }),
          gatesOf(context, domains),
          journal?.reader.openFaults() ?? [],
        ]);
        return {
          shadowing: snapshot.shadowing,
          journal: journal !== null,
          domains: domains.map((domain) => {
            const routes = snapshot.routes.filter((route) => route.domain === domain);
            const of = routes.flatMap((route) => reports.get(route.key) ?? []);
            const verdicts = journal === null ? sumOf(routes) : sumOf(of);
            const decision = gates.get(domain)?.decision ?? null;
            // From the evidence, as the gate judges it: to merge a day of all routes for every request would be slow.
            const latencies = gates.get(domain)?.evidence?.routes.map(({ latency }) => latency) ?? [];
            const failing =
              decision?.conditions.find(({ holds }) => holds === false) ??
              decision?.conditions.find(({ holds }) => holds === null);
            return {
              domain,
              stage: snapshot.domains[domain]?.stage ?? 'shadow',
              percent: snapshot.domains[domain]?.percent ?? 100,
              gate: {
                outcome: decision?.outcome ?? null,
                reason: decision?.outcome === 'pass' ? null : (failing?.text ?? null),
              },
              verdicts,
              ...(decision === null
                ? { rate: rateOf(verdicts), compared: comparedOf(verdicts), bound: null }
                : epochRateOf(decision)),
              limit: config.gate.mismatchLimit,
              openFaults: faults.filter((one) => one.domain === domain).reduce((sum, { open }) => sum + open, 0),
              routes: routes.length,
              routesSeen: routes.filter(
                (route) => countOf(journal === null ? route.verdicts : (reports.get(route.key)?.verdicts ?? {})) > 0,
              ).length,
              primaryP99: worst(latencies.map((latency) => latency?.primary.p99)),
              twinP99: worst(latencies.map((latency) => latency?.twin.p99)),
            };
          }),
        };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/unknown',
      what: 'Lists the most frequent paths of reads that no route matches, over all replicas.',
      async answer() {
        return journal === null ? (await plane.snapshot()).unknown : await journal.reader.unknownReads();
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/cutover',
      what: 'Shows the cutover table: how far each domain has come.',
      async answer() {
        // It counts the stores' rows: many who look are one look.
        if (cutover === null || performance.now() - cutover.at > CUTOVER_MS)
          cutover = { at: performance.now(), rows: context.cutover() };
        return { domains: await cutover.rows };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/series',
      what: 'Counts reads by verdict over time, for charts. Without `hours` and `from` the window begins with the first read.',
      query: z
        .strictObject({
          hours: hours.optional(),
          from: cursorInstant.optional(),
          to: cursorInstant.optional(),
          domain: domainName.optional(),
          route: routeKey.optional(),
        })
        .refine(inOrder, { error: 'expected `to` after `from`' }),
      async answer({ query: { hours: window, to: until, from: since, domain, route } }) {
        if (journal === null) return { points: [] };
        const to = until ?? Date.now();
        const from =
          since ??
          (window === undefined
            ? await journal.reader.beganAt({
                to,
                ...(domain === undefined ? {} : { domain }),
                ...(route === undefined ? {} : { route }),
              })
            : to - window * HOUR);
        const points = await journal.reader.series({
          from,
          to,
          stepMs: Math.max(60_000, (to - from) / STEPS),
          ...(domain === undefined ? {} : { domain }),
          ...(route === undefined ? {} : { route }),
        });
        return {
          points: points.map(({ at, verdicts, mismatchRate }) => ({ at, verdicts, rate: mismatchRate })),
        };
      },
    }),
  ];
}
