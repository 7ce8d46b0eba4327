/** Options of the two sides. */
import { z } from 'zod';
import { count, headerChanges, httpUrl, millis, origins, share, tlsTrust, twinUrl } from './values.ts';

export const primary = z
  .strictObject({
    url: httpUrl
      .optional()
      .describe('SHADOWREAD_PRIMARY_URL. Address of the primary, the API that is served from MongoDB.'),
    origins: origins('primary'),
    tls: tlsTrust.describe('Which certificates to trust where the URL is https.'),
    connectTimeoutMs: millis(5_000).describe(
      'How long a connection to the primary may take, ms. After that the client gets 504.',
    ),
    timeoutMs: millis(60_000).describe(
      'How long the primary may take to send its headers, ms. After that the client gets 504. Re-reads have this time too, for the whole answer.',
    ),
    maxSockets: count(4_096, 65_536).describe('Most connections to the primary at once.'),
    changeOrigin: z
      .boolean()
      .default(false)
      .describe("`true` sends the primary the host of its URL instead of the client's Host."),
    headers: headerChanges.describe('Changes to the header fields of requests to the primary.'),
    shortWay: z
      .boolean()
      .default(true)
      .describe(
        '`true` sends reads of known routes through undici, which is faster; `false` sends everything through http-proxy-middleware.',
      ),
  })
  .prefault({});

export const twin = z
  .strictObject({
    url: twinUrl
      .optional()
      .describe(
        'SHADOWREAD_TWIN_URL. Address of the twin, the API on Postgres. Without it nothing is mirrored. A path in it is put before every target.',
      ),
    representation: z
      .enum(['primary', 'twin', 'both'])
      .default('both')
      .describe(
        'In whose ids and formats the twin answers: `primary` (what clients get after a flip, so the gate asks for it), `twin` (its own; ids are paired by `ids`), or `both` in turn.',
      ),
    timeoutMs: millis(5_000).describe(
      'How long an answer of the twin may take, to its last byte, ms. After that the read is twin_timeout.',
    ),
    origins: origins('twin'),
    tls: tlsTrust.describe('Which certificates to trust where the URL is https.'),
    connectTimeoutMs: millis(2_000).describe('How long a connection to the twin may take, ms.'),
    concurrency: count(32, 1_024).describe(
      'Most requests to the twin at once. While the twin is slow, fewer are sent.',
    ),
    perSecond: count(2_000).describe('Most requests to the twin per second.'),
    bodyBytes: count(16_777_216, 268_435_456).describe(
      'Largest body of the twin, decoded, in bytes. A larger one is twin_error.',
    ),
    headers: headerChanges.describe('Changes to the header fields of requests to the twin.'),
    credentials: z
      .string()
      .optional()
      .describe(
        'Path of a module that exports `credentials(request)`: the header fields that it returns are sent to the twin, such as a token that the twin can read.',
      ),
    breaker: z
      .strictObject({
        failureShare: share(0.5).describe('The breaker opens when this share of the answers are errors and timeouts.'),
        minimum: count(20).describe('Answers that the window needs before the breaker may open.'),
        windowMs: millis(10_000).describe('Length of the window, ms.'),
        openMs: millis(5_000).describe('How long the breaker stays open before it lets one read through, ms.'),
      })
      .prefault({}),
  })
  .prefault({});
