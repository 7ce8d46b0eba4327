/** Every call of the admin API, in the order in which `GET /api` and the reference list them. */
import type { AdminContext } from './context.ts';
import { controlEndpoints } from './control.ts';
import { domainEndpoints } from './domains.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import type { Events } from './events.ts';
import { faultEndpoints } from './faults.ts';
import { fingerprintEndpoints } from './fingerprints.ts';
import { gateEndpoints } from './gates.ts';
import { mismatchEndpoints } from './mismatches.ts';
import { revealEndpoints } from './reveal.ts';
import { statusEndpoints } from './status.ts';

export function endpointsOf(context: AdminContext, events: Events): readonly Endpoint[] {
  const endpoints = [
    ...statusEndpoints(context),
    ...domainEndpoints(context),
    ...controlEndpoints(context),
    ...mismatchEndpoints(context),
    ...revealEndpoints(context),
    ...faultEndpoints(context),
    ...fingerprintEndpoints(context),
    ...gateEndpoints(context),
    eventsEndpoint(events),
  ];
  return [...endpoints, catalogue(endpoints)];
}

function eventsEndpoint(events: Events): Endpoint {
  return endpoint({
    ...NO_INPUT,
    method: 'get',
    path: '/events',
    what: 'Streams server-sent events: what changed.',
    answer: (_given, { request, response }) => {
      events.stream(request, response);
      return undefined;
    },
  });
}

/** `GET /api`: every call with what may be given, printed from the very schemas that check it. */
function catalogue(endpoints: readonly Endpoint[]): Endpoint {
  return endpoint({
    ...NO_INPUT,
    method: 'get',
    path: '/',
    what: 'Lists all calls with their inputs.',
    answer: () => ({
      endpoints: endpoints.map(({ method, path, what, input }) => ({
        method: method.toUpperCase(),
        path: `/api${path}`,
        what,
        ...input,
      })),
    }),
  });
}
