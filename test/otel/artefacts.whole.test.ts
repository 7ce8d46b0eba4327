import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { type Instrument, METRICS, prometheusName } from '../../otel/names.ts';

const read = (path: string): string => readFileSync(new URL(`../../otel/${path}`, import.meta.url), 'utf8');
const folder = new URL('../../otel/', import.meta.url).pathname;
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** Every series name that the code really exports. */
const exported = new Set(
  Object.values(METRICS).flatMap((instrument: Instrument) => {
    const name = prometheusName(instrument);
    return instrument.kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
  }),
);
const metricsIn = (text: string): string[] => [...new Set(text.match(/\bshadow_[a-z0-9_]+/g) ?? [])];
/** Recording rules name their own series: `domain:shadow_mismatch:ratio5m`. */
const withoutRecorded = (text: string): string => text.replace(/\b[a-z_]+:shadow_[a-z0-9_:]+/g, '');

describe('otel/', () => {
  it('Grafana asks only for metrics that the code exports', () => {
    const dashboard: unknown = JSON.parse(read('grafana/dashboard.json'));
    const names = metricsIn(withoutRecorded(JSON.stringify(dashboard)));
    expect(names).to.have.length.greaterThan(8);
    expect(names.filter((name) => !exported.has(name))).to.deep.equal([]);
  });

  it('rules speak only of metrics that the code exports, and Grafana only of rules that exist', () => {
    const rules = read('rules.yml');
    const expressions: unknown = parse(rules);
    const names = metricsIn(withoutRecorded(JSON.stringify(expressions)));
    expect(names.filter((name) => !exported.has(name))).to.deep.equal([]);
    const recorded = new Set([...rules.matchAll(/record: (\S+)/g)].map(([, name]) => name));
    const asked = read('grafana/dashboard.json').match(/\b[a-z_]+:shadow_[a-z0-9_:]+/g) ?? [];
    expect(asked.filter((name) => !recorded.has(name))).to.deep.equal([]);
  });

  it('the collector lets through only attributes that exist', () => {
    const collector = parse(read('collector.yaml'));
    expect(collector.processors.redaction.allow_all_keys).to.equal(false);
    const names = read('names.ts');
    const ours = collector.processors.redaction.allowed_keys.filter((key: string) => key.startsWith('shadow.'));
    expect(ours.filter((key: string) => !names.includes(`'${key}'`))).to.deep.equal([]);
  });

  it("promtool's own tests of the rules pass", function () {
    if (!hasPromtool) {
      console.log('      skipped: promtool is not installed (apt-get install prometheus)');
      this.skip();
    }
    expect(execFileSync('promtool', ['check', 'rules', 'rules.yml'], { cwd: folder, encoding: 'utf8' })).to.contain(
      'SUCCESS',
    );
    expect(execFileSync('promtool', ['test', 'rules', 'rules.test.yml'], { cwd: folder, encoding: 'utf8' })).to.contain(
      'SUCCESS',
    );
  });
});
