/** Options of what may be stored of answers. */
import { z } from 'zod';
import { count } from './values.ts';

export const redaction = z
  .strictObject({
    keyFile: z
      .string()
      .optional()
      .describe(
        'File with the key of the hashes that stand for values; or SHADOWREAD_REDACTION_KEY. Without it, a random one for each start. Replicas need the same.',
      ),
    showPaths: z
      .array(z.string())
      .default([])
      .describe(
        'JSON pointers whose values may be stored and shown; * stands for a position, ** for all that follows.',
      ),
    show: z
      .enum(['names', 'declared', 'all'])
      .default('declared')
      .describe(
        'Which path parameters and query values of a request may be stored and shown: `names`: only words that the config itself lists; `declared`: those of parameters that the route declares; `all`. Values that look like a credential are never shown.',
      ),
  })
  .prefault({});

export const evidence = z
  .strictObject({
    keyFile: z
      .string()
      .optional()
      .describe(
        'File with the key that seals evidence, 32 bytes in base64 or hex; or SHADOWREAD_EVIDENCE_KEY. Without it no evidence is kept, and replay is not possible.',
      ),
    ttlHours: count(168, 8_760).describe('How long sealed evidence may be opened, hours.'),
    reveal: z
      .boolean()
      .default(false)
      .describe(
        '`true`: the reveal token may open the sealed answers of a mismatch, with a reason. Secrets stay hidden.',
      ),
  })
  .prefault({});
