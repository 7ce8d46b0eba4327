/** Whatever becomes of the collector: spans may be lost, reads and answers never are. */
import { expect } from 'chai';
import { type HostileTwin, hostileTwin, MISDEEDS } from '../support/hostile-twin.ts';
import { CONCURRENCY, Ordeal } from '../support/ordeal.ts';
import { type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.ts';
import { THING, thingsConfig } from '../support/steady-primary.ts';
import { type Door, startTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';

const CONFIG = `${thingsConfig()}
twin: { concurrency: ${CONCURRENCY}, breaker: { minimum: 1000000 } }
telemetry: { matchRatio: 1, spanQueue: 64 }
verifier: { niceness: 0 }
`;

describe('faults of the collector, on a real process', () => {
  let collector: OtlpCollector;
  let door: TcpGate;
  let twin: HostileTwin;
  let on: Ordeal;

  before(async () => {
    collector = await startOtlpCollector();
    door = await startTcpGate('127.0.0.1', Number(new URL(collector.url).port));
    await door.set('gone');
    twin = await hostileTwin(THING);
    on = await Ordeal.begin({
      environment: {
        SHADOWREAD_TWIN_URL: twin.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${door.port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_METRIC_EXPORT_TIMEOUT: '200',
      },
      config: CONFIG,
    });
  });
  after(async () => {
    await on?.end();
    await door.close();
    await twin.close();
    await collector.close();
  });

  const cases: readonly [name: string, door: Door, answer: number | 'hang'][] = [
    ['down from the start', 'gone', 200],
    ['slow', 'slow', 200],
    ['resetting', 'shut', 200],
    ['hanging', 'open', 'hang'],
    ['answering 429', 'open', 429],
    ['answering 503', 'open', 503],
    ['answering 400', 'open', 400],
  ];
  for (const [name, state, answer] of cases) {
    it(`a collector that is ${name}`, () =>
      on.suffer({
        name: `collector ${name}`,
        shows: 'status_5xx',
        // Several spans for each read: more than the queue holds.
        requests: 100,
        begin: async () => {
          await door.set(state);
          collector.answer(answer);
          twin.misdeed = MISDEEDS['answers 500'] ?? null;
        },
        end: () => {
          twin.misdeed = null;
        },
      }));
  }

  it('receives reads again as soon as it is back', async () => {
    await door.set('open');
    collector.answer(200);
    const before = collector.spans.length;
    let waiting = true;
    // What the exporter has begun to try again may take its time: reads go on until some of theirs have come.
    const load = on.clients.drive({ clients: 1, more: () => waiting });
    await until(() => collector.spans.length > before);
    waiting = false;
    const driven = await load;
    expect([...driven.changed, ...driven.failed]).to.deep.equal([]);
    console.log(`      collector back: ${collector.spans.length} spans in all`);
  });
});
