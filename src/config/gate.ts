/** Options of the gate and of a flip. */
import { z } from 'zod';
import { READ_SOURCES } from '../types.ts';
import { count, millis, share } from './values.ts';

export const gate = z
  .strictObject({
    sources: z
      .array(z.enum(READ_SOURCES))
      .min(1)
      .default(['live', 'sink'])
      .describe(
        "Which reads count as evidence: `live` through the proxy, `sink` from a gateway's mirror, `recorded` from compare --keep.",
      ),
    watchMs: count(30_000).describe('How often the gates are looked at for the metric shadow.gate.pass, ms.'),
    representation: z
      .enum(['primary', 'twin', 'any'])
      .optional()
      .describe(
        "Which comparisons count, by the ids and formats of the twin's answer. Default: `primary`, or `twin` where twin.representation is `twin`.",
      ),
    minimumPerRoute: count(300).describe('Distinct comparisons that every route needs.'),
    minimumPerShape: count(20).describe('Distinct comparisons that every query shape needs, once it was seen.'),
    minimumCallers: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe(
        'Different callers that a route needs whose answers depend on who asks (`perCaller`). Default: 2, or 1 where minimumPerRoute is 1.',
      ),
    mismatchLimit: share(0.001).describe('The upper bound of the mismatch rate must be below this share.'),
    failureLimit: share(0.01).describe(
      'The upper bound of the share of twin errors and timeouts must be below this share.',
    ),
    alpha: z
      .number()
      .gt(0)
      .lt(0.5)
      .default(0.01)
      .describe('How often a decision may be wrong: 0.01 means 99 % confidence.'),
    forcedSkipLimit: share(0.05).describe('Largest share of reads that could not be compared, such as overload.'),
    unstableLimit: share(0.01).describe('Largest share of unstable reads.'),
    settledLimit: share(0.05).describe('Largest share of settled reads: after a flip, clients see such differences.'),
    settleP99Ms: millis(2_000).describe('Largest p99 of the time until both sides agreed, ms.'),
    latencySamples: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Timed pairs that the p99 of a route needs. Default: 200, or minimumPerRoute if that is less.'),
    idsOnceLimit: share(1).describe(
      'Largest share of the ids paired by consistency that one answer alone has shown. 1 takes any: the gate only tells how many.',
    ),
    latencyRatio: z
      .number()
      .gt(0)
      .max(100)
      .default(1.5)
      .describe("Largest p99 of the twin, as a multiple of the primary's."),
    fatalKinds: z
      .array(z.enum(['missing', 'extra', 'value', 'type', 'order', 'status', 'header']))
      .default([])
      .describe('Kinds of difference that fail the domain while a fingerprint with them is open.'),
  })
  .prefault({});

export const flip = z
  .strictObject({
    windowMs: millis(30_000).describe(
      'Window in which a flipped domain is watched, ms. The limits below roll it back automatically.',
    ),
    errorShare: share(0.02).describe('Share of twin errors in the window from which the domain rolls back.'),
    mismatchShare: share(0.01).describe('Share of mismatches in the window from which the domain rolls back.'),
    latencyMs: millis(2_000).describe('p99 of the twin in the window from which the domain rolls back, ms.'),
    minimum: count(20).describe('Reads that the window needs before the domain may roll back.'),
    heldBytes: count(1_048_576, 67_108_864).describe(
      "Bytes of the twin's answer that are held back, so that the primary can still answer if the twin fails.",
    ),
  })
  .prefault({});
