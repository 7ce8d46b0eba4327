import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Instrument, METRICS, prometheusName } from '../../otel/names.ts';
import { type Amanat, amanat } from '../support/amanat.ts';
import { freePort } from '../support/free-port.ts';
import { type LyingTwin, startLyingTwin } from '../support/lying-twin.ts';
import { type OtlpCollector, type OtlpSpan, startOtlpCollector } from '../support/otlp-collector.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { until } from '../support/until.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('telemetry of a real process', () => {
  let on: Amanat;
  let twin: LyingTwin;
  let collector: OtlpCollector;
  let proxy: ProxyProcess;

  before(async () => {
    on = await amanat();
    twin = await startLyingTwin(on.twin);
    collector = await startOtlpCollector();
    proxy = await startProxyProcess(
      {
        SHADOWREAD_PRIMARY_URL: on.reference,
        SHADOWREAD_TWIN_URL: twin.url,
        MIGRATION_PG_URL: on.databaseUrl,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_BSP_SCHEDULE_DELAY: '100',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      },
      'routes: { table: amanat }\ntelemetry: { matchRatio: 0 }\nsettle: { delaysMs: [10, 30] }\nshadow: { control: 0 }\n',
    );
  });
  after(async () => {
    await proxy?.stop();
    await Promise.all([twin.close(), collector.close()]);
  });

  const spansOf = async (traceId: string, wanted: number): Promise<OtlpSpan[]> => {
    const found = (): OtlpSpan[] => collector.spans.filter((span) => span.traceId === traceId);
    await until(() => found().length >= wanted, 50);
    return found();
  };

  it("continues the client's trace with shadow.read and its children, by the names of names.ts", async () => {
    twin.lie((body) => body.replace('"name":"Starter"', '"name":"starter"'));
    await fetch(`${proxy.url}/api/levels`, { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } });
    await proxy.until((now) => now.verdicts.mismatch === 1);
    const spans = await spansOf(TRACE, 6);
    const root = spans.find(({ name }) => name === 'shadow.read');
    expect(root?.parentSpanId).to.equal(PARENT);
    expect(
      spans.filter(({ name }) => name !== 'shadow.read').every(({ parentSpanId }) => parentSpanId === root?.spanId),
    ).to.equal(true);
    expect(spans.map(({ name }) => name)).to.include.members(['primary', 'twin', 'compare', 'recheck']);
    expect(root?.attributes).to.include({
      'shadow.domain': 'points',
      'shadow.route': 'GET /api/levels',
      'shadow.verdict': 'mismatch',
      'shadow.differences': 1,
      'http.request.method': 'GET',
      'http.route': '/api/levels',
      'http.response.status_code': 200,
    });
    expect(root?.attributes['shadow.fingerprint']).to.match(/^[0-9a-f]{16}$/);
    expect(root?.attributes['shadow.cause']).to.be.a('string');
    expect(root?.events).to.have.length(1);
    expect(root?.events[0]?.attributes).to.include({
      'shadow.difference.path': '/data/0/name',
      'shadow.difference.kind': 'value',
    });
    expect(root?.resource).to.include({ 'service.name': 'shadowread', 'deployment.environment.name': 'test' });
    for (const span of spans)
      expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name).to.equal(true);
  });

  it('asks the twin with the span that the trace shows, and says that it is a shadow read', async () => {
    const headers = twin.asked.find(({ target }) => target === '/api/levels')?.headers;
    const span = (await spansOf(TRACE, 6)).find(({ name }) => name === 'twin');
    expect(headers?.traceparent).to.equal(`00-${TRACE}-${span?.spanId}-01`);
    expect(headers?.['x-shadow-read']).to.equal('1');
  });

  it('exports every error, and no match at ratio 0', async () => {
    twin.lie(null);
    twin.fail(503);
    const failed = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    await fetch(`${proxy.url}/api/categories`, { headers: { traceparent: `00-${failed}-${PARENT}-01` } });
    const [root] = (await spansOf(failed, 1)).filter(({ name }) => name === 'shadow.read');
    expect(root?.attributes).to.include({
      'shadow.verdict': 'twin_error',
      'shadow.reason': 'status_5xx',
      'error.type': 'status_5xx',
    });
    expect(root?.status.code).to.equal(2);
    twin.fail(null);
    const matched = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';
    await fetch(`${proxy.url}/api/categories`, { headers: { traceparent: `00-${matched}-${PARENT}-01` } });
    await proxy.until((now) => now.verdicts.match === 1);
    // What comes after it has been exported, and it has not.
    twin.fail(503);
    const later = 'cccccccccccccccccccccccccccccccc';
    await fetch(`${proxy.url}/api/categories`, { headers: { traceparent: `00-${later}-${PARENT}-01` } });
    await spansOf(later, 1);
    twin.fail(null);
    expect(collector.spans.filter(({ traceId }) => traceId === matched)).to.deep.equal([]);
  });

  it('shows every instrument at /metrics under its Prometheus name, with few labels', async () => {
    const text = await (await fetch(`${proxy.admin}/metrics`)).text();
    const shown = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    // Gates, settle times and faults show once there are some.
    const expected = Object.values<Instrument>(METRICS).filter(
      ({ name }) => !['shadow.gate.pass', 'shadow.settle', 'shadow.faults', 'shadow.faults.open'].includes(name),
    );
    expect(expected.map(prometheusName).filter((name) => !shown.has(name))).to.deep.equal([]);
    expect(text).to.match(/shadow_reads_total\{[^}]*domain="points"[^}]*verdict="mismatch"/);
    expect(text).to.match(/shadow_duration_seconds_bucket\{[^}]*side="twin"/);
    expect(text).to.not.match(/\/data\/0\/name|ffffffffffff/);
  });

  it('is scraped by a real Prometheus', async function () {
    if (spawnSync('prometheus', ['--version']).status !== 0) {
      console.log('      skipped: Prometheus is not installed (apt-get install prometheus)');
      return this.skip();
    }
    const folder = await mkdtemp(join(tmpdir(), 'shadowread-prometheus-'));
    const port = await freePort();
    await writeFile(
      join(folder, 'p.yml'),
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: shadowread, static_configs: [{ targets: ['${new URL(proxy.admin).host}'] }] }]\n`,
    );
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'p.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    try {
      let sum = 0;
      while (sum === 0) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=sum(shadow_reads_total)`).catch(
          () => null,
        );
        if (answer?.ok) {
          const body = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
          sum = Number(body.data.result[0]?.value[1] ?? 0);
        }
      }
      expect(sum).to.equal((await proxy.status()).seen);
    } finally {
      prometheus.kill('SIGKILL');
      await new Promise((resolve) => prometheus.once('exit', resolve));
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('loses spans and no read where the collector answers 429, hangs or is gone', async () => {
    const before = (await proxy.status()).seen;
    for (const answer of [429, 500, 'hang'] as const) {
      collector.answer(answer);
      twin.fail(503);
      const statuses = await Promise.all(
        Array.from({ length: 20 }, async () => (await fetch(`${proxy.url}/api/levels`)).status),
      );
      expect(new Set(statuses)).to.deep.equal(new Set([200]));
    }
    const now = await proxy.quiet();
    expect(now.seen - before).to.equal(60);
  });
});
