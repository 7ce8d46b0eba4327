/** Options of the admin port. */
import { z } from 'zod';
import { isTwinUrl, port } from './values.ts';

export const admin = z
  .strictObject({
    host: z.string().default('127.0.0.1').describe('Address of the admin port. Any other than loopback needs a token.'),
    port: port(9464).describe(
      'SHADOWREAD_ADMIN_PORT. Port of the dashboard, the API and /metrics; 0 takes a free one.',
    ),
    token: z
      .string()
      .min(16)
      .optional()
      .describe('SHADOWREAD_ADMIN_TOKEN. Token that may look and change; better in tokenFile.'),
    tokenFile: z.string().optional().describe('File with the token that may look and change.'),
    readTokenFile: z.string().optional().describe('File with a token that may look but not change.'),
    revealTokenFile: z
      .string()
      .optional()
      .describe(
        'File with the only token that opens sealed answers; or SHADOWREAD_REVEAL_TOKEN. It may look but not change.',
      ),
    hosts: z.array(z.string()).default([]).describe('Host names besides loopback under which the port is reached.'),
    notice: z.string().max(300).optional().describe('A line at the top of every page of the dashboard.'),
    publicUrl: z
      .string()
      .refine(isTwinUrl, { error: 'an http:// or https:// URL without a query or credentials' })
      .optional()
      .describe('Where people reach the dashboard: traces and alerts link back to it.'),
    traceLink: z.string().optional().describe('Link to a trace in your tracing system; `{traceId}` is replaced.'),
    primaryLink: z.string().optional().describe('Public address of the primary, for the curl line on a mismatch.'),
  })
  .prefault({});

export const repair = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        '`true` allows repairs from the dashboard, with the token that may change things. It needs both stores (MIGRATION_PG_URL with write access), a journal for the record, and an API with mappings.',
      ),
  })
  .prefault({});
