/** Options of which reads are verified, and within which limits. */
import { z } from 'zod';
import { count, fieldName, peer, sampleBy, share } from './values.ts';

export const shadow = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('`false` mirrors nothing until it is switched on (SIGUSR2, dashboard).'),
    sample: share(1).describe('Share of the reads to verify, above 0 while enabled.'),
    sampleBy: sampleBy
      .default('read')
      .describe('What the share is taken of: `read` by chance, `entity` or `caller` always the same ones.'),
    control: share(0.001).describe(
      'Share of the verified reads for which the primary is asked twice, to learn how often it disagrees with itself.',
    ),
    notModified: share(0.02).describe(
      'Share of the reads answered 304 for which both sides are asked without If-None-Match; limits.recheckPerSecond bounds them.',
    ),
    callerFields: z
      .array(fieldName)
      .default([])
      .describe(
        'Further header fields that tell callers apart, such as X-User-Id of a gateway: beside Authorization, Cookie, Proxy-Authorization, X-Api-Key and X-Auth-Token. They are never kept.',
      ),
    traceIdHeader: z.boolean().default(false).describe("`true` adds X-Shadow-Trace-Id to the client's answer."),
  })
  .prefault({});

export const loop = z
  .strictObject({
    trust: z
      .union([z.enum(['loopback', 'nobody']), z.array(peer)], {
        error: '`loopback`, `nobody`, or a list of addresses and networks',
      })
      .default('loopback')
      .describe(
        'Senders whose X-Shadow-Read is believed; their reads are not verified. `loopback`, `nobody`, or a list of addresses and networks.',
      ),
    secretFile: z
      .string()
      .optional()
      .describe(
        'File with the secret (X-Shadow-Loop) by which your proxies know the shadow reads of each other; or SHADOWREAD_LOOP_SECRET. Without it, a random one for each start.',
      ),
  })
  .prefault({});

export const limits = z
  .strictObject({
    heldBytes: count(67_108_864, 4_294_967_296).describe('Most bytes of bodies held for comparison, over all reads.'),
    bodyBytes: count(8_388_608, 268_435_456).describe(
      'Most bytes of one body of the primary. A read with a larger one is skipped: too_large.',
    ),
    queue: count(2_048, 100_000).describe('Most reads that wait for a worker. Beyond it reads are skipped: overload.'),
    waitMs: count(2_000, 600_000).describe(
      'Longest that a read waits for a worker, ms; at the start until workers have caught up, 30 s. Then it is skipped: overload.',
    ),
    journalBuffer: count(20_000).describe('Most verdicts with evidence that wait for the journal.'),
    recheckPerSecond: count(50, 100_000).describe('Most re-reads and control reads of the primary per second.'),
  })
  .prefault({});

export const settle = z
  .strictObject({
    delaysMs: z
      .array(z.number().int().min(0).max(60_000))
      .min(1)
      .max(8)
      .default([100, 400, 1_500])
      .describe('Pauses before each re-read of a pair that differs, ms.'),
    busyRounds: z
      .number()
      .int()
      .min(0)
      .max(40)
      .default(12)
      .describe('Most further re-reads of one pair, where the sync is late or the row keeps changing.'),
  })
  .prefault({});
