import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { ATTRIBUTES } from '../../otel/names.ts';
import { exportRead, PreparedIds } from '../../otel/spans.ts';
import type { Fault, Verdict } from '../../src/types.ts';
import { metricsOf } from '../support/metrics-of.ts';
import { mismatch } from '../support/verdicts.ts';

const fault = (id: string): Fault => ({
  id,
  cause: 'data_drift',
  domain: 'payments',
  collection: 'payments',
  entity: '66d4c0ffee00000000000001',
  field: 'amount',
  route: null,
  fingerprint: null,
  sample: null,
  fatal: true,
});

/** Attributes of the root span of one verdict. */
function attributesOf(verdict: Verdict, publicUrl: string | null): Readonly<Record<string, unknown>> {
  const exporter = new InMemorySpanExporter();
  const ids = new PreparedIds();
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    idGenerator: ids,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  exportRead(provider.getTracer('test'), ids, verdict, publicUrl);
  return exporter.getFinishedSpans().find(({ name }) => name === 'shadow.read')?.attributes ?? {};
}

describe('faults in telemetry', () => {
  const found = mismatch({
    cause: { cause: 'data_drift', entities: [], note: null, faults: [fault('3fa9c1000001'), fault('3fa9c1000002')] },
  });

  it('are named by the span of a read that shows them, with a link to the page of the first', () => {
    const attributes = attributesOf(found, 'https://shadow.example/ops/');
    expect(attributes[ATTRIBUTES.faults]).to.deep.equal(['3fa9c1000001', '3fa9c1000002']);
    expect(attributes[ATTRIBUTES.link]).to.equal('https://shadow.example/ops/#/fault/3fa9c1000001');
  });

  it('a read without them links to the mismatches that look like it; without an address nothing links', () => {
    const without = attributesOf(mismatch(), 'https://shadow.example');
    expect(without).not.to.have.property(ATTRIBUTES.faults);
    expect(without[ATTRIBUTES.link]).to.equal('https://shadow.example/#/mismatches?fingerprint=fp-amount');
    expect(attributesOf(found, null)).not.to.have.property(ATTRIBUTES.link);
  });

  it('are counted by domain, cause and whether they are fatal', async () => {
    const telemetry = await metricsOf({
      openFaults: [
        { domain: 'payments', cause: 'data_drift', fatal: true, open: 2 },
        { domain: 'payments', cause: 'data_drift', fatal: false, open: 0 },
      ],
    });
    const lines = (await telemetry.prometheus()).split('\n').filter((line) => line.startsWith('shadow_faults_open{'));
    await telemetry.shutdown(1_000);
    expect(lines.map((line) => [/fatal="(\w+)"/.exec(line)?.[1], line.split(' ')[1]])).to.deep.equal([
      ['true', '2'],
      ['false', '0'],
    ]);
    for (const line of lines) expect(line).to.contain('domain="payments"').and.to.contain('cause="data_drift"');
  });
});
