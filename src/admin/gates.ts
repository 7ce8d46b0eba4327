/** GET /api/gates[/:domain] and what may be done there. */
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import { boundedEvidence } from '../gate/bounded.ts';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { domainName, limit, line, prose, routeKey, rowNumber } from './input.ts';
import { requireJournal } from './journal.ts';

const DECISIONS = 20;
const SHAPES = 100;

export function gateEndpoints(context: AdminContext): readonly Endpoint[] {
  const { domains } = context;
  const known = (domain: string): string => {
    if (domains.includes(domain)) return domain;
    throw new ShadowError('SHADOW_DOMAIN', 'there is no domain of this name', {
      expected: `one of ${domains.join(', ')}`,
      actual: domain,
    });
  };
  const params = z.strictObject({ domain: domainName });
  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/gates',
      what: 'Decides on every domain as of now, without keeping the decisions.',
      async answer() {
        const journal = requireJournal(context);
        return { gates: await Promise.all(domains.map(async (domain) => (await journal.gate(domain)).decision)) };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/gates/:domain',
      what: 'Decides on one domain as of now, with the evidence, without keeping the decision.',
      params,
      async answer({ params: { domain } }) {
        const { decision, evidence } = await requireJournal(context).gate(known(domain));
        return {
          decision,
          evidence: evidence === null ? null : boundedEvidence(evidence),
          markdown: context.markdown(decision),
        };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/gates/:domain/shapes',
      what: 'Lists the query shapes of a route in the current evidence. `after` is the last shape of the previous page.',
      params,
      query: z.strictObject({ route: routeKey, after: line(600).optional(), limit: limit.default(SHAPES) }),
      async answer({ params: { domain }, query: { route, after, limit: most } }) {
        const { evidence } = await requireJournal(context).gate(known(domain));
        const all = evidence?.routes.find(({ key }) => key === route)?.shapes ?? [];
        const left = all
          .toSorted((a, b) => (a.shape < b.shape ? -1 : 1))
          .filter(({ shape }) => after === undefined || shape > after);
        const shapes = left.slice(0, most);
        return { shapes, next: left.length > most ? (shapes.at(-1)?.shape ?? null) : null };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'post',
      path: '/gates/:domain/decide',
      what: 'Decides on one domain and keeps the decision.',
      params,
      async answer({ params: { domain }, who }) {
        const decided = await context.decide(known(domain), requireJournal(context), who);
        context.changed('gates');
        return { decision: decided.decision, id: decided.id };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'post',
      path: '/gates/:domain/epoch',
      what: 'Begins new evidence for a domain; earlier comparisons no longer count.',
      params,
      body: z.strictObject({ reason: prose(300) }),
      example: '{"reason":"the first run was overloaded"}',
      async answer({ params: { domain }, body: { reason }, who }) {
        const journal = requireJournal(context);
        const epoch = await journal.writer.newEpoch(known(domain), who, reason);
        journal.renew(domain);
        context.changed('gates');
        return { domain, epoch };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/gates/:domain/decisions',
      what: 'Lists the decisions that were kept, the newest first. `before` is the `id` of the last row of the previous page.',
      params,
      query: z.strictObject({ before: rowNumber.optional(), limit: limit.default(DECISIONS) }),
      async answer({ params: { domain }, query: { before, limit: most } }) {
        const decisions = await requireJournal(context).reader.decisions({
          domain: known(domain),
          limit: most,
          ...(before === undefined ? {} : { before }),
        });
        return { decisions, next: decisions.length < most ? null : (decisions.at(-1)?.id ?? null) };
      },
    }),
  ];
}
