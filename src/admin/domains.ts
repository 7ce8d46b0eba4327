/** GET /api/domains/:domain: one domain, route by route. */
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { comparedOf, epochRateOf, HOUR, rateOf, reportsOf, shareOf, sumOf, timed } from './figures.ts';
import { domainName } from './input.ts';

/** Noisy paths and failures of one domain on its page. */
const MOST_LISTED = 50;

export function domainEndpoints(context: AdminContext): readonly Endpoint[] {
  const { plane, journal } = context;
  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/domains/:domain',
      what: 'Shows one domain, route by route.',
      params: z.strictObject({ domain: domainName }),
      async answer({ params: { domain } }) {
        const snapshot = await plane.snapshot();
        const routes = snapshot.routes.filter((route) => route.domain === domain);
        if (routes.length === 0)
          throw new ShadowError('SHADOW_DOMAIN', 'there is no domain of this name', { actual: domain });
        const from = Date.now() - 24 * HOUR;
        const [reports, timings, gate, noise, failures] = await Promise.all([
          reportsOf(context, from, { domain }),
          journal?.reader.timings({ domain, from }) ?? null,
          journal?.gate(domain) ?? null,
          journal?.reader.noisyPaths(domain) ?? [],
          journal?.reader.failures(domain) ?? [],
        ]);
        const whole = sumOf(routes);
        const epoch = gate?.evidence?.epoch ?? null;
        return {
          domain,
          /** What the rates, the entities and the bound are of; null: of this process since its start. */
          epoch: epoch === null ? null : { ordinal: epoch.ordinal, beganAt: epoch.beganAt },
          ...(gate === null
            ? { rate: rateOf(whole), compared: comparedOf(whole), bound: null }
            : epochRateOf(gate.decision)),
          limit: context.config.gate.mismatchLimit,
          noise: noise.slice(0, MOST_LISTED),
          failures: failures.slice(0, MOST_LISTED),
          routes: routes.map((route) => {
            const report = reports.get(route.key);
            const evidence = gate?.evidence?.routes.find(({ key }) => key === route.key);
            const verdicts = report?.verdicts ?? route.verdicts;
            const side = (name: 'primary' | 'twin') =>
              timed(timings?.get(route.key)?.get(name), report?.latency?.[name]);
            const declared = context.declared.find(({ key }) => key === route.key);
            const seen = new Set((evidence?.shapes ?? []).flatMap(({ shape }) => declared?.shows?.(shape) ?? [shape]));
            return {
              key: route.key,
              verdicts,
              ...(gate === null
                ? { rate: rateOf(verdicts), compared: comparedOf(verdicts) }
                : {
                    rate: shareOf(evidence?.distinctMismatches ?? 0, evidence?.distinct ?? 0),
                    compared: evidence?.distinct ?? 0,
                  }),
              entities: evidence?.entities ?? null,
              noise: report?.noiseFloor ?? null,
              settleP99: report?.settle?.p99 ?? null,
              settle: timed(timings?.get(route.key)?.get('settle'), report?.settle),
              reasons: report?.reasons ?? route.reasons,
              latency: { primary: side('primary'), twin: side('twin') },
              shapes: (evidence?.shapes ?? []).slice(0, MOST_LISTED),
              shapeCount: evidence?.shapes.length ?? 0,
              unseen: (declared?.shapes ?? []).filter((shape) => !seen.has(shape)),
            };
          }),
        };
      },
    }),
  ];
}
