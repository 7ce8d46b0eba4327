/** Every option, with its description, default and bounds. Lengths of time say their unit in their name. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { writtenMapping } from './api/written-mapping.ts';
import { writtenQuery } from './api/written-query.ts';
import { templateMistake } from './base/alert-template.ts';
import { HOP_BY_HOP } from './base/hop-by-hop.ts';
import { READ_SOURCES } from './types.ts';

const millis = (byDefault: number, max = 600_000) => z.number().int().min(1).max(max).default(byDefault);
const count = (byDefault: number, max = 1_000_000) => z.number().int().min(1).max(max).default(byDefault);
const share = (byDefault: number) => z.number().min(0).max(1).default(byDefault);
const port = (byDefault: number) => z.number().int().min(0).max(65_535).default(byDefault);
const httpUrl = z.string().refine(isHttpUrl, { error: 'an http:// or https:// URL without a path or query' });
const twinUrl = z.string().refine(isTwinUrl, { error: 'an http:// or https:// URL without a query' });
const storeUrl = (schemes: readonly string[]) =>
  z.string().refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)), {
    error: `a ${schemes.map((scheme) => `${scheme}://`).join(' or ')} URL`,
  });

function isHttpUrl(value: string): boolean {
  return isTwinUrl(value) && new URL(value).pathname === '/';
}

/** The twin may stand behind a path, which is put before every target. */
function isTwinUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.search === '' && url.hash === '';
}

/** An address, or a network as address and bits. */
const peer = z.string().refine(isPeer, { error: 'an IP address or a network such as 10.1.0.0/16' });

function isPeer(value: string): boolean {
  const [address = '', bits, more] = value.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const fieldName = z
  .string()
  .refine((name) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name), { error: 'the name of a header field' })
  .refine((name) => !HOP_BY_HOP.has(name.toLowerCase()), {
    error: `a field other than ${[...HOP_BY_HOP].join(', ')}, which belong to a connection or frame the message`,
  });
const fieldValue = z
  .string()
  .refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value), { error: 'text without line breaks, in Latin-1' });

const headerChanges = z
  .strictObject({
    set: z
      .record(fieldName, fieldValue)
      .default({})
      .describe('Fields to set; a value that the client sent is replaced.'),
    rename: z.record(fieldName, fieldName).default({}).describe('Fields to send under another name.'),
    drop: z.array(fieldName).default([]).describe('Fields to leave out.'),
  })
  .prefault({});

/** How the ids of one collection are paired. */
const idKind = z
  .strictObject({
    by: z
      .enum(['id_map', 'same', 'consistent', 'rule', 'query'])
      .default('id_map')
      .describe(
        'How an id of the primary finds its partner: `id_map` looks it up in that table; `same`: both sides print the same text; `rule` computes it; `query` asks a query of yours; `consistent` takes the partner in the first answers that agree, and allows no other from then on.',
      ),
    type: z
      .enum(['number', 'string'])
      .optional()
      .describe('JSON type in which the twin prints these ids. Without it, any type.'),
    rule: z
      .strictObject({
        strip: z.string().default('').describe("Text to take off the start of the primary's id."),
        prefix: z.string().default('').describe("Text to put before the twin's id."),
        form: z
          .union([z.enum(['same', 'lower', 'upper', 'hex']), z.number().int().min(2).max(36)])
          .default('same')
          .describe(
            'What becomes of the rest: `same`, `lower` or `upper` case, `hex` (its bytes as hex digits), or a base from 2 to 36 in which its hex digits are written.',
          ),
      })
      .optional()
      .describe('How to compute the partner; only with `by: rule`.'),
    query: z
      .string()
      .optional()
      .describe(
        "Only with `by: query`: a SELECT whose first two columns are the primary's id and the twin's id, of any type.",
      ),
    url: storeUrl(['postgres', 'postgresql'])
      .optional()
      .describe('Only with `by: query`: the database to ask. Without it, MIGRATION_PG_URL.'),
  })
  .refine(({ by, rule }) => (by === 'rule') === (rule !== undefined), {
    error: '`rule` with `by: rule`, and with nothing else',
  })
  .refine(({ by, query }) => (by === 'query') === (query !== undefined), {
    error: '`query` with `by: query`, and with nothing else',
  });

const tlsTrust = z
  .strictObject({
    verify: z.boolean().default(true).describe('`false` accepts any certificate; only for tests and closed networks.'),
    caFile: z.string().optional().describe('PEM file with an authority to trust besides the well-known ones.'),
  })
  .prefault({});

const sampleBy = z.enum(['read', 'entity', 'caller']);

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], { error: 'a text, number, boolean or null' });

/** Which requests of a route are reads. */
const yamlReads = z
  .strictObject({
    graphql: z
      .boolean()
      .optional()
      .describe(
        '`true`: only GraphQL queries are reads; mutations and subscriptions never are. It is the default for a path that ends in /graphql.',
      ),
    persisted: z
      .array(z.string().min(1))
      .optional()
      .describe('Ids of the persisted GraphQL queries that are reads; no other is.'),
    body: z
      .record(
        z.string().startsWith('/', { error: 'a JSON pointer, such as /action' }),
        z.union([scalar, z.array(scalar).min(1)]),
      )
      .optional()
      .describe('JSON pointers into the body of the request, each with the value or values that make it a read.'),
  })
  .refine(({ graphql, persisted, body }) => graphql !== undefined || persisted !== undefined || body !== undefined, {
    error: 'one of graphql, persisted and body',
  })
  .refine(({ graphql, persisted }) => graphql !== false || persisted === undefined, {
    error: '`persisted` without `graphql: false`',
  });

/** A route of any API, written in YAML. `comparator` is a name from the table or `rules` are given inline. */
const yamlRoute = z.strictObject({
  method: z.enum(['GET', 'POST']).default('GET').describe('Method. POST only where the request is a read.'),
  pattern: z
    .string()
    .startsWith('/', { error: 'a path that begins with /' })
    .describe('Path with parameters, such as `/orders/:id`.'),
  domain: z
    .string()
    .regex(/^[a-z][a-z0-9_-]*$/, { error: 'a lowercase name' })
    .describe('Domain of the route. A domain is gated and flipped as a whole.'),
  comparator: z
    .union([z.string(), z.record(z.string(), z.unknown())], {
      error: 'the name of a comparator, or { body, error, headers }',
    })
    .optional()
    .describe('Name of a comparator of the API module, or rules as `{ body, error, headers }`.'),
  module: z.string().optional().describe('Path of a TypeScript module whose default export is a comparator.'),
  rules: z.unknown().optional().describe('Rules written here; see docs/writing-a-comparator.md.'),
  headers: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown())])
    .optional()
    .describe(
      'Header fields to compare besides the usual ones: a list of names, or a rule for each name; `off` leaves a field out.',
    ),
  twinPath: z
    .string()
    .startsWith('/', { error: 'a path that begins with /' })
    .optional()
    .describe('Its path on the twin where that is another, with the same :parameters; the query is passed on.'),
  reads: yamlReads.optional().describe('Which requests are reads, where method and path do not tell.'),
  query: writtenQuery
    .optional()
    .describe(
      'Query parameters and their kinds. The gate counts two reads that differ only in other parameters as one question.',
    ),
  hidden: z
    .array(z.string())
    .optional()
    .describe('Names of path and query parameters whose values are never shown, such as names, e-mails, searches.'),
  ids: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'Path parameters that are ids, each with its collection. The cause of a mismatch is looked for there too.',
    ),
  perCaller: z.boolean().optional().describe('`true` where the answer depends on who asks.'),
  fewAnswers: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'Number of different answers that the route can give, where it is small: the gate then needs all of them, not `minimumPerRoute`.',
    ),
  redirects: z.boolean().default(false).describe('`true` where a redirect (3xx) is the good answer of the route.'),
});

export const configSchema = z.strictObject({
  listen: z
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
      tls: z
        .strictObject({
          certFile: z.string().min(1).describe('PEM file with the certificate and its chain.'),
          keyFile: z.string().min(1).describe('PEM file with the key.'),
        })
        .optional()
        .describe('Serves clients over TLS. SIGHUP reads both files again.'),
    })
    .prefault({}),
  primary: z
    .strictObject({
      url: httpUrl
        .optional()
        .describe('SHADOWREAD_PRIMARY_URL. Address of the primary, the API that is served from MongoDB.'),
      tls: tlsTrust.describe('Which certificates to trust where the URL is https.'),
      connectTimeoutMs: millis(5_000).describe(
        'How long a connection to the primary may take, ms. After that the client gets 502.',
      ),
      timeoutMs: millis(60_000).describe(
        'How long the primary may take to send its headers, ms. After that the client gets 504.',
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
    .prefault({}),
  twin: z
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
          failureShare: share(0.5).describe(
            'The breaker opens when this share of the answers are errors and timeouts.',
          ),
          minimum: count(20).describe('Answers that the window needs before the breaker may open.'),
          windowMs: millis(10_000).describe('Length of the window, ms.'),
          openMs: millis(5_000).describe('How long the breaker stays open before it lets one read through, ms.'),
        })
        .prefault({}),
    })
    .prefault({}),
  shadow: z
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
      traceIdHeader: z.boolean().default(false).describe("`true` adds X-Shadow-Trace-Id to the client's answer."),
    })
    .prefault({}),
  loop: z
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
    .prefault({}),
  limits: z
    .strictObject({
      heldBytes: count(67_108_864, 4_294_967_296).describe('Most bytes of bodies held for comparison, over all reads.'),
      bodyBytes: count(8_388_608, 268_435_456).describe(
        'Most bytes of one body of the primary. A read with a larger one is skipped: too_large.',
      ),
      queue: count(2_048, 100_000).describe(
        'Most reads that wait for a worker. Beyond it reads are skipped: overload.',
      ),
      journalBuffer: count(20_000).describe('Most verdicts with evidence that wait for the journal.'),
      recheckPerSecond: count(50, 100_000).describe('Most re-reads and control reads of the primary per second.'),
    })
    .prefault({}),
  settle: z
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
    .prefault({}),
  verifier: z
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
        .default(10)
        .describe('Niceness of the workers (Linux): with 10 the proxy gets the CPU before them.'),
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
          depth: z
            .number()
            .int()
            .min(1)
            .max(1_000)
            .default(200)
            .describe('Deepest nesting of a body that is compared.'),
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
        'A read that has no verdict after this time in a worker is skipped: verifier_error, ms.',
      ),
    })
    .prefault({}),
  journal: z
    .strictObject({
      url: storeUrl(['postgres', 'postgresql'])
        .optional()
        .describe(
          'SHADOWREAD_JOURNAL_URL. Postgres for the journal. Without it verdicts are only counted, and the gate cannot decide.',
        ),
      flushMs: millis(1_000).describe('Pause between two batches of writes, ms.'),
      retentionDays: count(30, 3_650).describe('`shadowread prune` deletes what is older, in days.'),
      evidenceBytes: count(1_073_741_824, 1_099_511_627_776).describe(
        '`shadowread prune` keeps at most this much sealed evidence, the newest, in bytes.',
      ),
      perRoute: z
        .strictObject({
          fingerprints: count(100, 10_000).describe(
            'Most fingerprints of a route. Further ones share one row, (others).',
          ),
          shapes: count(300, 10_000).describe('Most query shapes of a route. Further ones share one row, (overflow).'),
          noisyPaths: count(100, 10_000).describe('Most paths of a route at which the primary disagrees with itself.'),
          distinctPerShape: count(20_000).describe(
            'Most distinct entities, answers and comparisons that are remembered for each shape.',
          ),
        })
        .prefault({})
        .describe('How much one route may take in the journal, whatever clients ask.'),
    })
    .prefault({}),
  stores: z
    .strictObject({
      mongo: storeUrl(['mongodb', 'mongodb+srv'])
        .optional()
        .describe('MONGODB_URI. MongoDB of the primary, to find the cause of a mismatch. Read access is enough.'),
      postgres: storeUrl(['postgres', 'postgresql'])
        .optional()
        .describe("MIGRATION_PG_URL. Postgres with the twin's data and id_map. For the proxy read access is enough."),
    })
    .prefault({}),
  admin: z
    .strictObject({
      host: z
        .string()
        .default('127.0.0.1')
        .describe('Address of the admin port. Any other than loopback needs a token.'),
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
        .refine(isTwinUrl, { error: 'an http:// or https:// URL without a query' })
        .optional()
        .describe('Where people reach the dashboard: traces and alerts link back to it.'),
      traceLink: z.string().optional().describe('Link to a trace in your tracing system; `{traceId}` is replaced.'),
      primaryLink: z.string().optional().describe('Public address of the primary, for the curl line on a mismatch.'),
    })
    .prefault({}),
  repair: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe(
          '`true` allows repairs from the dashboard, with the token that may change things. It needs both stores (MIGRATION_PG_URL with write access), a journal for the record, and an API with mappings.',
        ),
    })
    .prefault({}),
  redaction: z
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
    .prefault({}),
  evidence: z
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
    .prefault({}),
  alerts: z
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
    .prefault({}),
  telemetry: z
    .strictObject({
      matchRatio: share(0.01).describe(
        'Share of the matching reads whose trace is exported. Traces of all other verified reads are exported.',
      ),
      spanQueue: count(2_048, 100_000).describe('Most spans that wait for the collector. Further ones are lost.'),
    })
    .prefault({}),
  ids: z
    .record(z.string(), idKind)
    .default({})
    .describe('How ids are paired, for each collection that a `ref` names. Others are looked up in id_map.'),
  currencies: z
    .record(z.string().min(1).max(16), z.number().int().min(0).max(38))
    .default({})
    .describe('Number of decimals of currencies that ISO 4217 does not have, such as { POINTS: 0 }.'),
  routes: z
    .strictObject({
      table: z
        .string()
        .optional()
        .describe(
          'SHADOWREAD_ROUTES. The API module: the built-in `amanat`, a path, or an installed package. `auto` verifies every GET by the shape of its path, strictly; `none` verifies only `entries`.',
        ),
      entries: z
        .array(yamlRoute)
        .default([])
        .describe('Routes of your own API. They win over the same route of the table.'),
      overrides: z
        .record(
          z.string(),
          z.strictObject({
            paused: z.boolean().default(false).describe('`true`: reads of the route are not verified.'),
            sample: share(1).optional().describe('As shadow.sample.'),
            sampleBy: sampleBy.optional().describe('As shadow.sampleBy.'),
          }),
        )
        .default({})
        .describe('Pause and sampling of single routes, by route key such as `GET /api/payments/:id`.'),
    })
    .prefault({}),
  mappings: z
    .array(writtenMapping)
    .default([])
    .describe(
      'Which collection becomes which table, for an API whose module does not say it: what the cause of a mismatch is found by, and what backfill, verify, drain and repair work on.',
    ),
  domains: z
    .record(
      z.string(),
      z.strictObject({
        stage: z
          .enum(['off', 'shadow'])
          .default('shadow')
          .describe(
            'Stage until the journal has one: `off` verifies nothing. Only `shadowread flip` reaches `flipped`.',
          ),
      }),
    )
    .default({})
    .describe('Settings of single domains.'),
  sink: z
    .strictObject({
      perSecond: count(100, 100_000).describe(
        'Most reads per second to verify. The primary is asked once more for each.',
      ),
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
    .prefault({}),
  gate: z
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
    .prefault({}),
  flip: z
    .strictObject({
      windowMs: millis(30_000).describe(
        'Window in which a flipped domain is watched, ms. What follows rolls it back by itself.',
      ),
      errorShare: share(0.02).describe('Share of twin errors in the window from which the domain rolls back.'),
      mismatchShare: share(0.01).describe('Share of mismatches in the window from which the domain rolls back.'),
      latencyMs: millis(2_000).describe('p99 of the twin in the window from which the domain rolls back, ms.'),
      minimum: count(20).describe('Reads that the window needs before the domain may roll back.'),
      heldBytes: count(1_048_576, 67_108_864).describe(
        "Bytes of the twin's answer that are held back, so that the primary can still answer if the twin fails.",
      ),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
/** A config as it is written: everything but what has no default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
export type YamlRoute = z.output<typeof yamlRoute>;
