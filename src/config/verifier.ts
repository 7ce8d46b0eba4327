/** Options of the worker threads that verify. */
import { z } from 'zod';
import { count, millis } from './values.ts';

export const verifier = z
  .strictObject({
    workers: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('Number of worker threads that ask the twin and compare.'),
    niceness: z
      .number()
      .int()
      .min(0)
      .max(19)
      .optional()
      .describe(
        'Niceness of the workers (Linux): the higher, the more the proxy gets the CPU before them. Without it 0; 5 on one core, and with several processes.',
      ),
    heapMb: z
      .number()
      .int()
      .min(32)
      .max(16_384)
      .default(256)
      .describe('Largest heap of a worker, MB. A worker that exceeds it is replaced.'),
    compare: z
      .strictObject({
        steps: count(5_000_000, 1_000_000_000).describe(
          'Most values that one comparison may look at; 5,000,000 take 1 to 3 seconds. Beyond it the read is skipped: too_large.',
        ),
        bytes: count(33_554_432, 536_870_912).describe(
          'Most bytes of both bodies of one comparison, decoded. Beyond it the read is skipped: too_large.',
        ),
        depth: z.number().int().min(1).max(1_000).default(200).describe('Deepest nesting of a body that is compared.'),
      })
      .prefault({}),
    memory: z
      .strictObject({
        entries: z
          .number()
          .int()
          .min(0)
          .max(10_000_000)
          .default(50_000)
          .describe('Most matches that one worker remembers; 0 switches the memory off.'),
        bytes: count(33_554_432, 4_294_967_296).describe(
          "Most bytes of that memory; they are part of the worker's heap.",
        ),
      })
      .prefault({})
      .describe(
        'Memory of matches: the same question with the same two answers, byte for byte, under the same rules and id pairs. Not for routes with custom rules that do not declare themselves pure.',
      ),
    hangMs: millis(10_000).describe('A worker that does not react for this time is replaced, ms.'),
    jobMs: millis(60_000).describe(
      'How long a worker may have a read without a verdict, ms, counted anew from each re-read. After that the read is skipped: verifier_error.',
    ),
  })
  .prefault({});
