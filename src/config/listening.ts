/** Options of where clients are served. */
import { z } from 'zod';
import { certificateFiles, millis, port } from './values.ts';

export const listen = z
  .strictObject({
    host: z.string().default('0.0.0.0').describe('Address on which the proxy listens for clients.'),
    port: port(8080).describe('SHADOWREAD_PORT. Port for clients; 0 takes a free one.'),
    processes: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('Number of processes that share the port (--processes).'),
    drainMs: millis(10_000).describe('How long a stop waits for open requests and verdicts, ms.'),
    tls: certificateFiles.optional().describe('Serves clients over TLS. SIGHUP reads both files again.'),
  })
  .prefault({});
