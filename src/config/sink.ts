/** Options of the far end of a gateway's mirroring. */
import { z } from 'zod';
import { count, share } from './values.ts';

export const sink = z
  .strictObject({
    perSecond: count(50, 100_000).describe('Most reads per second to verify. The primary is asked once more for each.'),
    share: share(1).describe('Share of the mirrored reads to verify.'),
    concurrency: count(32, 1_024).describe(
      'Most requests to the primary at once. Further reads are skipped: overload.',
    ),
    targetFields: z
      .array(z.string())
      .default(['X-Original-URI'])
      .describe(
        "Header fields in which the gateway sends the client's own path and query; the first that is present counts.",
      ),
    methodFields: z
      .array(z.string())
      .default(['X-Original-Method'])
      .describe("Header fields in which the gateway sends the client's own method."),
    hostFields: z
      .array(z.string())
      .default(['X-Forwarded-Host'])
      .describe('Header fields in which the gateway sends the Host that the client asked for.'),
    hostSuffix: z
      .string()
      .default('-shadow')
      .describe('What the gateway appends to the Host of a copy (Envoy and Istio: -shadow).'),
  })
  .prefault({});
