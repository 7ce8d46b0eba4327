/** Options of alerts and telemetry. */
import { z } from 'zod';
import { templateMistake } from '../base/alert-template.ts';
import { count, millis, share } from './values.ts';

export const alerts = z
  .strictObject({
    on: z
      .enum(['fatal', 'all'])
      .default('fatal')
      .describe('Which new faults raise an alert: `fatal` those of money, identity or a whole row, or `all`.'),
    everyMs: millis(5_000).describe('How often new faults are looked for, ms.'),
    webhook: z
      .strictObject({
        url: z
          .string()
          .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
            error: 'an http:// or https:// URL',
          })
          .optional()
          .describe('Address to which alerts are sent; better in urlFile where it is a secret. It needs a journal.'),
        urlFile: z.string().optional().describe('File with that address; or SHADOWREAD_ALERT_URL.'),
        tokenFile: z
          .string()
          .optional()
          .describe('File with the token that is sent as Authorization: Bearer; or SHADOWREAD_ALERT_TOKEN.'),
        template: z
          .string()
          .superRefine((text, context) => {
            const mistake = templateMistake(text);
            if (mistake !== null) context.addIssue({ code: 'custom', message: mistake });
          })
          .optional()
          .describe(
            'The JSON that is sent, with {{names}} in its texts; see docs/operating.md for Slack and Alertmanager.',
          ),
        timeoutMs: millis(5_000, 60_000).describe('How long one try may take, ms.'),
        tries: z
          .number()
          .int()
          .min(1)
          .max(10)
          .default(3)
          .describe('How often one alert is tried before it waits for the next look.'),
      })
      .prefault({}),
  })
  .prefault({});

export const telemetry = z
  .strictObject({
    matchRatio: share(0.01).describe(
      'Share of the matching reads whose trace is exported. Traces of all other verified reads are exported.',
    ),
    spanQueue: count(2_048, 100_000).describe('Most spans that wait for the collector. Further ones are lost.'),
  })
  .prefault({});
