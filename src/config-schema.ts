/** Every option, with its description, default and bounds. Lengths of time say their unit in their name. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { writtenMapping } from './api/written-mapping.ts';
import { writtenQuery } from './api/written-query.ts';
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
    set: z.record(fieldName, fieldValue).default({}).describe('Fields to set, whatever the client sent.'),
    rename: z.record(fieldName, fieldName).default({}).describe('Fields to send under another name.'),
    drop: z.array(fieldName).default([]).describe('Fields not to send.'),
  })
  .prefault({});

/** How the ids of one collection are paired. */
const idKind = z
  .strictObject({
    by: z
      .enum(['id_map', 'same', 'consistent', 'rule', 'query'])
      .default('id_map')
      .describe(
        "`id_map`: looked up there; `same`: the same text on both sides; `rule`: made from the primary's; `query`: by a query of your own; `consistent`: the partner that the first answers that agree show, and no other from then on.",
      ),
    type: z
      .enum(['number', 'string'])
      .optional()
      .describe('The JSON type in which the twin prints them; without it any.'),
    rule: z
      .strictObject({
        strip: z.string().default('').describe("Taken off the primary's id first."),
        prefix: z.string().default('').describe("Put before the twin's."),
        form: z
          .union([z.enum(['same', 'lower', 'upper', 'hex']), z.number().int().min(2).max(36)])
          .default('same')
          .describe('What the rest becomes: itself, hex digits of its bytes, or its hex digits in another base.'),
      })
      .optional()
      .describe('With `by: rule`.'),
    query: z
      .string()
      .optional()
      .describe(
        "With `by: query`: a SELECT whose first two columns are the primary's id and the twin's, of any types.",
      ),
    url: storeUrl(['postgres', 'postgresql'])
      .optional()
      .describe('With `by: query`: where it is asked; MIGRATION_PG_URL otherwise.'),
  })
  .refine(({ by, rule }) => (by === 'rule') === (rule !== undefined), {
    error: '`rule` with `by: rule`, and with nothing else',
  })
  .refine(({ by, query }) => (by === 'query') === (query !== undefined), {
    error: '`query` with `by: query`, and with nothing else',
  });

const tlsTrust = z
  .strictObject({
    verify: z.boolean().default(true).describe('False takes any certificate: for tests and closed networks.'),
    caFile: z
      .string()
      .optional()
      .describe('PEM file with the authority that signed its certificate, besides the known ones.'),
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
        'Only GraphQL queries; mutations and subscriptions never. True by itself for a path that ends in /graphql.',
      ),
    persisted: z
      .array(z.string().min(1))
      .optional()
      .describe('Ids of persisted GraphQL queries that are reads; others are none.'),
    body: z
      .record(
        z.string().startsWith('/', { error: 'a JSON pointer, such as /action' }),
        z.union([scalar, z.array(scalar).min(1)]),
      )
      .optional()
      .describe('By JSON pointer into the body of the request: the value, or values, with which it is a read.'),
  })
  .refine(({ graphql, persisted, body }) => graphql !== undefined || persisted !== undefined || body !== undefined, {
    error: 'one of graphql, persisted and body',
  })
  .refine(({ graphql, persisted }) => graphql !== false || persisted === undefined, {
    error: '`persisted` without `graphql: false`',
  });

/** A route of any API, written in YAML. `comparator` is a name from the table or `rules` are given inline. */
const yamlRoute = z.strictObject({
  method: z.enum(['GET', 'POST']).default('GET').describe('POST only where the request is a read.'),
  pattern: z.string().startsWith('/', { error: 'a path that begins with /' }).describe('Path with :parameters.'),
  domain: z
    .string()
    .regex(/^[a-z][a-z0-9_-]*$/, { error: 'a lowercase name' })
    .describe('The unit of a flip.'),
  comparator: z
    .union([z.string(), z.record(z.string(), z.unknown())], {
      error: 'the name of a comparator, or { body, error, headers }',
    })
    .optional()
    .describe('Name of a comparator of the API module, or one written as { body, error, headers }.'),
  module: z.string().optional().describe('TypeScript module whose default export is a comparator.'),
  rules: z.unknown().optional().describe('Inline rules, see docs/writing-a-comparator.md.'),
  headers: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown())])
    .optional()
    .describe('Further header fields that are compared: names, or rules by name; `off` switches a field off.'),
  twinPath: z
    .string()
    .startsWith('/', { error: 'a path that begins with /' })
    .optional()
    .describe('Its path on the twin where that is another, with the same :parameters; the query is passed on.'),
  reads: yamlReads.optional().describe('Which of its requests are reads, where method and path do not say it.'),
  query: writtenQuery
    .optional()
    .describe(
      'Its query parameters with their kinds; with them, a parameter that is not declared makes no new question.',
    ),
  hidden: z
    .array(z.string())
    .optional()
    .describe('Path and query parameters whose values are never shown: names, e-mails, searches.'),
  ids: z
    .record(z.string(), z.string())
    .optional()
    .describe('Path parameters that are ids, by collection: the cause of a mismatch looks at that entity too.'),
  perCaller: z.boolean().optional().describe('The answer depends on who asks.'),
  fewAnswers: z.number().int().min(1).optional().describe('The route has only so many different answers.'),
  redirects: z.boolean().default(false).describe('Redirects (3xx) are its good answers.'),
});

export const configSchema = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().default('0.0.0.0').describe('Address clients reach the proxy at.'),
      port: port(8080).describe('SHADOWREAD_PORT. 0 takes a free one.'),
      processes: z.number().int().min(1).max(64).default(1).describe('Processes that share the port (--processes).'),
      drainMs: millis(10_000).describe('How long a stop waits for clients and verdicts.'),
      tls: z
        .strictObject({
          certFile: z.string().min(1).describe('PEM file: the certificate and its chain.'),
          keyFile: z.string().min(1).describe('PEM file: its key.'),
        })
        .optional()
        .describe('Clients are served by TLS; both files are read again on SIGHUP.'),
    })
    .prefault({}),
  primary: z
    .strictObject({
      url: httpUrl.optional().describe('SHADOWREAD_PRIMARY_URL. The Mongo-served API.'),
      tls: tlsTrust.describe('Where the URL is https: whom to trust.'),
      connectTimeoutMs: millis(5_000).describe('A primary that does not accept in time is 502.'),
      timeoutMs: millis(60_000).describe('A primary that stays silent so long before its headers is 504.'),
      maxSockets: count(4_096, 65_536).describe('Connections to the primary at once.'),
      changeOrigin: z.boolean().default(false).describe("Send the primary its own Host instead of the client's."),
      headers: headerChanges.describe('Changes to the header fields the primary is asked with.'),
      shortWay: z
        .boolean()
        .default(true)
        .describe('Ask for reads of known routes through undici; false: everything through http-proxy-middleware.'),
    })
    .prefault({}),
  twin: z
    .strictObject({
      url: twinUrl
        .optional()
        .describe(
          'SHADOWREAD_TWIN_URL. The Postgres-backed API; without it nothing is mirrored. A path in it is put before every target.',
        ),
      representation: z
        .enum(['primary', 'twin', 'both'])
        .default('both')
        .describe(
          "In whose forms the twin answers: the primary's (what a flip serves; the gate asks for it), its own (needs MIGRATION_PG_URL for the id pairs), or both by turns.",
        ),
      timeoutMs: millis(5_000).describe('From asking to the last byte.'),
      tls: tlsTrust.describe('Where the URL is https: whom to trust.'),
      connectTimeoutMs: millis(2_000).describe('From asking to a connection.'),
      concurrency: count(32, 1_024).describe('Requests at once; the ceiling of the adaptive limit.'),
      perSecond: count(2_000).describe('Requests a second.'),
      bodyBytes: count(16_777_216, 268_435_456).describe('Largest body of the twin, decoded; larger is twin_error.'),
      headers: headerChanges.describe('Changes to the header fields the twin is asked with.'),
      credentials: z
        .string()
        .optional()
        .describe(
          'Module that exports `credentials(request)`: fields to ask the twin with, such as a token it can read.',
        ),
      breaker: z
        .strictObject({
          failureShare: share(0.5).describe('Opens when errors and timeouts reach this share.'),
          minimum: count(20).describe('Answers in the window before it may open.'),
          windowMs: millis(10_000).describe('Length of the window.'),
          openMs: millis(5_000).describe('How long it stays open before a probe.'),
        })
        .prefault({}),
    })
    .prefault({}),
  shadow: z
    .strictObject({
      enabled: z.boolean().default(true).describe('False: nothing is mirrored until it is switched on.'),
      sample: share(1).describe('Share of reads verified; 0 is refused while enabled.'),
      sampleBy: sampleBy.default('read').describe('By chance per read, or fixed by entity or caller.'),
      control: share(0.001).describe('Share of verified reads whose primary is read twice: the noise floor.'),
      notModified: share(0.02).describe(
        'Share of reads answered 304 for which both sides are asked without If-None-Match; budget: limits.recheckPerSecond.',
      ),
      traceIdHeader: z.boolean().default(false).describe("Add X-Shadow-Trace-Id to the client's answer."),
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
          'Whose X-Shadow-Read is believed, so that the read is not verified: loopback, nobody, or addresses and networks.',
        ),
      secretFile: z
        .string()
        .optional()
        .describe(
          'File with what proves our own shadow reads to other proxies of ours (X-Shadow-Loop); SHADOWREAD_LOOP_SECRET. A random one per start otherwise.',
        ),
    })
    .prefault({}),
  limits: z
    .strictObject({
      heldBytes: count(67_108_864, 4_294_967_296).describe('Bytes of all bodies held for comparison.'),
      bodyBytes: count(8_388_608, 268_435_456).describe('Bytes of one body; larger is skipped: too_large.'),
      queue: count(2_048, 100_000).describe('Exchanges waiting for a worker.'),
      journalBuffer: count(20_000).describe('Verdicts with evidence waiting for the journal.'),
      recheckPerSecond: count(50, 100_000).describe('Re-reads and control reads of the primary a second.'),
    })
    .prefault({}),
  settle: z
    .strictObject({
      delaysMs: z
        .array(z.number().int().min(0).max(60_000))
        .min(1)
        .max(8)
        .default([100, 400, 1_500])
        .describe('Pauses before each re-read of a differing pair.'),
      busyRounds: z
        .number()
        .int()
        .min(0)
        .max(40)
        .default(12)
        .describe('Re-reads of one pair beyond those, at most: where the sync lags or the row does not hold still.'),
    })
    .prefault({}),
  verifier: z
    .strictObject({
      workers: z.number().int().min(1).max(64).default(1).describe('Worker threads that ask the twin and compare.'),
      niceness: z.number().int().min(0).max(19).default(10).describe("The workers' niceness (Linux)."),
      heapMb: z.number().int().min(32).max(16_384).default(256).describe("A worker's heap; over it, it is replaced."),
      compare: z
        .strictObject({
          steps: count(5_000_000, 1_000_000_000).describe(
            'Values that one comparison may look at; beyond it the read is skipped: too_large. 5,000,000 are 1 to 3 seconds.',
          ),
          bytes: count(33_554_432, 536_870_912).describe('Bytes of both bodies of one comparison, decoded.'),
          depth: z.number().int().min(1).max(1_000).default(200).describe('Deepest nesting of a body that is read.'),
        })
        .prefault({}),
      hangMs: millis(10_000).describe('A worker whose loop stands still so long is replaced.'),
      jobMs: millis(60_000).describe('A read without its verdict after so long with a worker is verifier_error.'),
    })
    .prefault({}),
  journal: z
    .strictObject({
      url: storeUrl(['postgres', 'postgresql'])
        .optional()
        .describe('SHADOWREAD_JOURNAL_URL. Without it verdicts are only counted.'),
      flushMs: millis(1_000).describe('Pause between batches.'),
      retentionDays: count(30, 3_650).describe('What `prune` keeps.'),
      evidenceBytes: count(1_073_741_824, 1_099_511_627_776).describe('What `prune` keeps of sealed evidence.'),
      perRoute: z
        .strictObject({
          fingerprints: count(100, 10_000).describe('Fingerprints told apart; further ones are one row, (others).'),
          shapes: count(300, 10_000).describe('Query shapes told apart; further ones are one, (overflow).'),
          noisyPaths: count(100, 10_000).describe('Paths at which the primary disagrees with itself, told apart.'),
          distinctPerShape: count(20_000).describe('Distinct entities, answers and comparisons kept of each shape.'),
        })
        .prefault({})
        .describe('What a route may have of each kind, whatever clients ask.'),
    })
    .prefault({}),
  stores: z
    .strictObject({
      mongo: storeUrl(['mongodb', 'mongodb+srv'])
        .optional()
        .describe('MONGODB_URI. Read-only suffices; for the cause of a mismatch.'),
      postgres: storeUrl(['postgres', 'postgresql'])
        .optional()
        .describe("MIGRATION_PG_URL. The twin's data with id_map; read-only suffices for the proxy."),
    })
    .prefault({}),
  admin: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Anything but loopback needs a token.'),
      port: port(9464).describe('SHADOWREAD_ADMIN_PORT. 0 takes a free one.'),
      token: z.string().min(16).optional().describe('SHADOWREAD_ADMIN_TOKEN. Prefer tokenFile.'),
      tokenFile: z.string().optional().describe('File with the token.'),
      readTokenFile: z.string().optional().describe('File with a token that may look and not change.'),
      revealTokenFile: z
        .string()
        .optional()
        .describe(
          'File with the one token that opens sealed answers; SHADOWREAD_REVEAL_TOKEN. It may look, and not change.',
        ),
      hosts: z.array(z.string()).default([]).describe('Further Host values the port answers to.'),
      notice: z.string().max(300).optional().describe('A line at the top of every page of the dashboard.'),
      traceLink: z.string().optional().describe('Link to a trace, `{traceId}` filled in.'),
      primaryLink: z.string().optional().describe('Public address of the primary, for the curl line.'),
    })
    .prefault({}),
  repair: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe(
          'Faults may be repaired from the dashboard, with the token that may change things. Needs both stores, with MIGRATION_PG_URL writable, a journal for the record, and an API with mappings.',
        ),
    })
    .prefault({}),
  redaction: z
    .strictObject({
      keyFile: z
        .string()
        .optional()
        .describe('File with the key of the hashes; SHADOWREAD_REDACTION_KEY. A random one per start otherwise.'),
      showPaths: z
        .array(z.string())
        .default([])
        .describe(
          'JSON pointers (with * for positions, ** for all that follows) whose values may be stored and shown.',
        ),
      show: z
        .enum(['names', 'declared', 'all'])
        .default('declared')
        .describe(
          "What of a request's path parameters and query values may be stored and shown: `names`: none but words that the config itself lists; `declared`: those of parameters that the route declares; `all`: all. Values that look like a credential never.",
        ),
    })
    .prefault({}),
  evidence: z
    .strictObject({
      keyFile: z
        .string()
        .optional()
        .describe(
          'File with 32 bytes in base64 or hex; SHADOWREAD_EVIDENCE_KEY. Without a key nothing is kept and replay refuses.',
        ),
      ttlHours: count(168, 8_760).describe('How long sealed evidence may be opened.'),
      reveal: z
        .boolean()
        .default(false)
        .describe('The reveal token may open the sealed answers of a mismatch, with a reason; secrets stay hidden.'),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      matchRatio: share(0.01).describe('Share of matching reads whose trace is exported; all others always are.'),
      spanQueue: count(2_048, 100_000).describe('Spans waiting for the collector.'),
    })
    .prefault({}),
  ids: z
    .record(z.string(), idKind)
    .default({})
    .describe('How ids are paired, by the collection that a `ref` names; those not named are looked up in id_map.'),
  currencies: z
    .record(z.string().min(1).max(16), z.number().int().min(0).max(38))
    .default({})
    .describe('Decimals of currencies that ISO 4217 does not have, by code: { POINTS: 0 }.'),
  routes: z
    .strictObject({
      table: z
        .string()
        .optional()
        .describe(
          'An API module: the built-in `amanat`, a path, or an installed package; `auto`: every GET by the shape of its path, compared strictly; `none`: only `entries`.',
        ),
      entries: z.array(yamlRoute).default([]).describe('Routes of your own API.'),
      overrides: z
        .record(
          z.string(),
          z.strictObject({
            paused: z.boolean().default(false),
            sample: share(1).optional(),
            sampleBy: sampleBy.optional(),
          }),
        )
        .default({})
        .describe('Per route key (`GET /api/payments/:id`): pause and sampling.'),
    })
    .prefault({}),
  mappings: z
    .array(writtenMapping)
    .default([])
    .describe(
      'Which collection becomes which table, for an API whose module does not say it: what the cause of a mismatch is found by, and what backfill, verify, drain and repair work on.',
    ),
  domains: z
    .record(z.string(), z.strictObject({ stage: z.enum(['off', 'shadow']).default('shadow') }))
    .default({})
    .describe('Stage before the journal says otherwise. `flipped` is only reached by `shadowread flip`.'),
  sink: z
    .strictObject({
      perSecond: count(100, 100_000).describe(
        'Reads a second that are verified: the primary is asked once more for each.',
      ),
      share: share(1).describe('Share of the mirrored reads that are verified.'),
      concurrency: count(32, 1_024).describe('Requests to the primary at once; more are skipped: overload.'),
      targetFields: z
        .array(z.string())
        .default(['X-Original-URI'])
        .describe("Fields that hold the client's own target; the first that is there counts."),
      methodFields: z
        .array(z.string())
        .default(['X-Original-Method'])
        .describe("Fields that hold the client's own method."),
      hostFields: z
        .array(z.string())
        .default(['X-Forwarded-Host'])
        .describe('Fields that hold the Host the client asked for.'),
      hostSuffix: z.string().default('-shadow').describe("What the gateway hangs at a copy's Host (Envoy, Istio)."),
    })
    .prefault({}),
  gate: z
    .strictObject({
      sources: z
        .array(z.enum(READ_SOURCES))
        .min(1)
        .default(['live', 'sink'])
        .describe(
          "Reads that are evidence: through the proxy, from a gateway's mirror (sink), out of a recording (compare --keep).",
        ),
      watchMs: count(30_000).describe('Pause between two looks at the gates for the metric and for priorities, ms.'),
      representation: z
        .enum(['primary', 'twin', 'any'])
        .optional()
        .describe(
          "Comparisons in which of the twin's forms count. Without it the primary's, where the twin can answer in them (twin.representation is not twin), else its own.",
        ),
      minimumPerRoute: count(300).describe('Distinct comparisons every route needs.'),
      minimumPerShape: count(20).describe('Distinct comparisons every query shape seen needs.'),
      mismatchLimit: share(0.001).describe('The upper bound of the mismatch rate must be below it.'),
      failureLimit: share(0.01).describe('The upper bound of twin errors and timeouts must be below it.'),
      alpha: z.number().gt(0).lt(0.5).default(0.01).describe('Promised error of the decision: 0.01 is 99 %.'),
      forcedSkipLimit: share(0.05).describe('Share of reads skipped against our will.'),
      unstableLimit: share(0.01).describe('Share of unstable reads.'),
      settledLimit: share(0.05).describe('Share of settled reads: what clients would see after a flip.'),
      settleP99Ms: millis(2_000).describe('p99 of the time to settle.'),
      latencySamples: z
        .number()
        .int()
        .min(1)
        .optional()
        .describe("Timed pairs that a route's p99 needs; 200, or minimumPerRoute where that is less."),
      latencyRatio: z.number().gt(0).max(100).default(1.5).describe("Twin's p99 over the primary's."),
      fatalKinds: z
        .array(z.enum(['missing', 'extra', 'value', 'type', 'order', 'status', 'header']))
        .default([])
        .describe('An open fingerprint with such a difference fails the domain.'),
    })
    .prefault({}),
  flip: z
    .strictObject({
      windowMs: millis(30_000).describe('Window of the automatic rollback.'),
      errorShare: share(0.02).describe('Twin errors in the window that roll back.'),
      mismatchShare: share(0.01).describe('Mismatches in the window that roll back.'),
      latencyMs: millis(2_000).describe('p99 of the twin in the window that rolls back.'),
      minimum: count(20).describe('Reads in the window before it may roll back.'),
      heldBytes: count(1_048_576, 67_108_864).describe(
        "Bytes of a twin's answer held so that the primary can step in.",
      ),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
/** A config as it is written: everything but what has no default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
export type YamlRoute = z.output<typeof yamlRoute>;
