/** `node bench/scale.ts`: what gate, overview and lists cost on a large journal; `--help` says what it takes. */
import { loadavg } from 'node:os';
import postgres from 'postgres';
import { numberFrom, toolOf } from '../config/tool.ts';
import { Histogram } from '../src/journal/histogram.ts';
import { openReader } from '../src/journal/reader.ts';
import { migrate } from '../src/journal/schema/migrate.ts';
import { createDatabase, openPostgres } from '../src/stores/postgres.ts';
import { seeded } from './compare-data.ts';
import { median } from './row.ts';

const tool = toolOf({
  usage: 'node bench/scale.ts',
  description:
    'Measures gate, overview and lists on a journal of 200 routes in ten domains, 10,000 open fingerprints and a day of a million distinct comparisons, on the embedded Postgres.',
  exits: { 0: 'gate and overview keep their budget', 1: 'one does not' },
})
  .argument('[share]', 'how much of the million comparisons', numberFrom(0.001, 10), 1)
  .option('--explain', 'prints the plan of each statement that takes longer than 200 ms', false)
  .parse();
const share: number = tool.processedArgs[0];
const { explain } = tool.opts<{ readonly explain: boolean }>();
const ROUTES = 200;
const DOMAINS = 10;
const FINGERPRINTS = 10_000;
const COMPARISONS = Math.round(1_000_000 * share);
/** Comparisons of one shape in one of its two shards. */
const PER_SHARD = Math.round(COMPARISONS / ROUTES / 4 / 2);
const BUDGET_MS = 1_000;
const HOUR = 3_600_000;

const server = await openPostgres();
const url = await createDatabase(server.url, 'journal_scale');
const sql = postgres(url, { max: 1, onnotice: () => undefined });
try {
  await migrate(sql);
  const began = performance.now();
  await fill(sql);
  const [rows] = await sql<{ counts: number; histograms: number; hashes: number }[]>`
    select (select count(*) from shadowread.counts)::float8 as counts,
      (select count(*) from shadowread.histograms)::float8 as histograms,
      (select count(*) from shadowread.distinct_hashes)::float8 as hashes`;
  console.error(`filled in ${((performance.now() - began) / 1_000).toFixed(0)} s: ${JSON.stringify(rows)}`);
  if (explain)
    await sql.unsafe(
      `alter database journal_scale set session_preload_libraries = 'auto_explain';
       alter database journal_scale set auto_explain.log_min_duration = 200;
       alter database journal_scale set auto_explain.log_analyze = on;
       alter database journal_scale set auto_explain.log_level = notice;
       alter database journal_scale set client_min_messages = notice`,
    );
  process.exitCode = (await measure(url)) ? 0 : 1;
} finally {
  await sql.end({ timeout: 1 });
  await server.close();
}

/** True where gate and overview keep the budget. */
async function measure(journal: string): Promise<boolean> {
  const reader = openReader({ url: journal, max: 4 });
  const from = Date.now() - 24 * HOUR;
  const domains = Array.from({ length: DOMAINS }, (_, i) => `domain${i}`);
  const overview = () =>
    Promise.all([
      reader.report({ from, timed: false }),
      reader.openFaults(),
      ...domains.map((domain) => reader.evidence(domain, 'primary')),
    ]);
  const asked: readonly (readonly [string, boolean, () => Promise<unknown>])[] = [
    ['gate of one domain', true, () => reader.evidence('domain3', 'primary')],
    ['overview: the day of all routes, and ten gates at once', true, overview],
    ['  the day of all routes, with what was timed (shadowread report)', false, () => reader.report({ from })],
    ['status, as in the cutover table', true, () => reader.status()],
    ['200 fingerprints', true, () => reader.fingerprints({ state: 'open' })],
    ['200 fingerprints of one domain', true, () => reader.fingerprints({ domain: 'domain3' })],
    ['one day by steps of 15 minutes (series)', true, () => reader.series({ from, stepMs: 900_000 })],
    ['one domain: its histograms', true, () => reader.timings({ domain: 'domain3', from })],
    ['50 mismatches', true, () => reader.mismatches({ limit: 50 })],
  ];
  let held = true;
  try {
    for (const [name, judged, ask] of asked) {
      const times: number[] = [];
      for (let turn = 0; turn < 5; turn++) {
        const at = performance.now();
        await ask();
        times.push(performance.now() - at);
      }
      const ms = median(times);
      if (judged && ms > BUDGET_MS) held = false;
      const spread = `${Math.min(...times).toFixed(0)} - ${Math.max(...times).toFixed(0)}`;
      console.log(
        `${ms.toFixed(0).padStart(7)} ms  (${spread})  ${name}${judged && ms > BUDGET_MS ? '  OVER 1 s' : ''}`,
      );
    }
    console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    await reader.close();
  }
  return held;
}

async function fill(db: postgres.Sql): Promise<void> {
  const random = seeded(5);
  const packed = Array.from({ length: 64 }, () => {
    const histogram = new Histogram();
    for (let i = 0; i < 210; i++) histogram.add(2 + 20 * random() ** 3);
    return histogram.pack();
  });
  await db.unsafe('set search_path to shadowread; set synchronous_commit to off');
  await db`select ensure_day(d::date) from generate_series(now() - interval '2 days', now() + interval '1 day', interval '1 day') d`;
  await db`create temp table samples as select row_number() over ()::int - 1 as i, b.buckets
    from (select string_to_array(x, ',')::bigint[] as buckets from unnest(${packed.map(String)}::text[]) x) b`;
  await db`create temp table routes as
    select i as place, 'domain' || i % ${DOMAINS} as domain, format('GET /api/v1/things%s/:id', i) as route from generate_series(0, ${ROUTES - 1}) i`;
  await db`insert into epochs (domain, ordinal, backfill, twin_build, rules, began_at, last_seen)
    select distinct domain, 1, 'b1', 't1', 'r1', now() - interval '25 hours', now() from routes`;
  await db`create temp table known as select r.*, e.id as epoch from routes r join epochs e using (domain)`;
  await db`insert into count_keys (domain, route, served, representation, verdict, reason, fatal, epoch)
    select domain, route, 'primary', f, v, case v when 'skipped' then 'overload' else '' end, false, epoch
    from known, unnest(array['primary', 'twin']) f, unnest(array['match', 'mismatch', 'skipped']) v where v <> 'skipped' or f = 'primary'`;
  await db`insert into counts select m, k.id, 0, 2 from count_keys k,
    generate_series(date_trunc('minute', now() - interval '24 hours'), now(), interval '1 minute') m where verdict = 'match' or random() < 0.2`;
  await db`insert into evidence select key, 0, sum(n), max(minute) from counts group by key`;
  await db`insert into series (domain, route, measure, served, representation, epoch)
    select domain, route, m, 'primary', f, epoch from known, unnest(array['primary', 'twin', 'overhead']) m, unnest(array['primary', 'twin']) f
    where m <> 'overhead' or f = 'primary'`;
  await db`insert into histograms select m, s.id, 0, x.buckets, 30 from series s,
    generate_series(date_trunc('hour', now() - interval '24 hours'), now(), interval '1 hour') with ordinality g (m, n)
    join samples x on x.i = n % 64`;
  await db`insert into evidence_histograms select series, 0, merge_buckets(merge_all_buckets(buckets), '{}'), sum(sum) from histograms group by series`;
  await db`insert into shapes (domain, route, shape) select domain, route, s from routes, unnest(array['200', '(twin) 200', 'limit 200', '404']) s`;
  await db`create temp table known_shapes as select s.id, s.route, s.shape, k.epoch, row_number() over () as at from shapes s join known k using (route)`;
  await db`insert into coverage (epoch, shape, shard, seen, compared, mismatches, entities, answers, units, first_seen, last_seen)
    select epoch, id, shard, ${PER_SHARD}, ${PER_SHARD}, 10, ${Math.round(PER_SHARD / 5)}, ${PER_SHARD}, ${PER_SHARD}, now() - interval '1 day', now() from known_shapes, generate_series(0, 1) shard`;
  await db`insert into combinations select 'c' || i, k.domain, k.route, array['f' || i] from generate_series(1, ${FINGERPRINTS}) i join known k on k.place = i % ${ROUTES}`;
  for (const kind of [0, 1, 2])
    await db`insert into distinct_hashes select s.epoch, s.id, ${kind}, i::bigint * 7919 * 1000003,
        case when ${kind} = 2 and i % 10 = 0 then 'c' || (1 + i % ${FINGERPRINTS}) end
      from generate_series(1, ${kind === 0 ? Math.round(COMPARISONS / 5) : COMPARISONS}) i join known_shapes s on s.at = 1 + i % ${ROUTES * 4}`;
  await db`insert into fingerprints (fingerprint, domain, route, kinds, sample, fatal, state, owner, reason, expires_at, first_seen, last_seen, n)
    select 'f' || i, k.domain, k.route, array['value'], '{"path": "/a", "kind": "value", "rule": "text", "measure": {"of": "none"}}', false,
      case when i % 20 = 0 then 'acknowledged' else 'open' end, 'someone', 'known', now() + interval '9 days', now() - interval '1 day', now() - i * interval '1 second', 10
    from generate_series(1, ${FINGERPRINTS}) i join known k on k.place = i % ${ROUTES}`;
  await db`insert into fingerprint_counts select date_trunc('hour', now()) - h * interval '1 hour', 'f' || i, k.epoch, 'primary', 'primary', 'data_drift', 1
    from generate_series(1, ${FINGERPRINTS}) i join known k on k.place = i % ${ROUTES}, generate_series(0, 23) h`;
  await db`insert into combination_counts select hour, 'c' || substr(fingerprint, 2), epoch, served, representation, n from fingerprint_counts`;
  await db`insert into fingerprint_evidence select epoch, fingerprint, served, representation, sum(n), max(hour) from fingerprint_counts group by 1, 2, 3, 4`;
  await db`insert into combination_evidence select epoch, combination, served, representation, sum(n) from combination_counts group by 1, 2, 3, 4`;
  await db`insert into faults (fault, domain, cause, collection, entity, field, sample, fatal, first_seen, last_seen, n)
    select 'x' || i, k.domain, 'data_drift', 'things', i::text, 'a', '{}', false, now(), now(), 1
    from generate_series(1, ${FINGERPRINTS}) i join known k on k.place = i % ${ROUTES}`;
  await db`insert into fault_routes (fault, route, n, last_at)
    select 'x' || i, k.route, 1, now() from generate_series(1, ${FINGERPRINTS}) i cross join generate_series(0, 2) n join known k on k.place = (i + n * ${DOMAINS}) % ${ROUTES}`;
  await db`insert into mismatches (id, at, exchange_id, domain, route, served, representation, fingerprint, cause, fatal, epoch, trace_id, difference_count, verdict, fingerprints)
    select 'm' || i, now() - i * interval '1 second', 'e' || i, k.domain, k.route, 'primary', 'primary', 'f' || (1 + i % ${FINGERPRINTS}), 'data_drift', false, k.epoch, '', 1, '{"differences": []}', array['f' || (1 + i % ${FINGERPRINTS})]
    from generate_series(1, 40000) i join known k on k.place = i % ${ROUTES}`;
  await db`analyze`;
}
