import { expect } from 'chai';
import { mergeExpositions } from '../../src/service/exposition.ts';

const one =
  '# HELP shadow_reads_total Reads.\n# TYPE shadow_reads_total counter\nshadow_reads_total{route="GET /a b",verdict="match"} 3\n# TYPE shadow_breaker_open gauge\nshadow_breaker_open 1\n';
const two =
  '# HELP shadow_reads_total Reads.\n# TYPE shadow_reads_total counter\nshadow_reads_total{route="GET /a b",verdict="match"} 4\nshadow_reads_total{route="GET /a b",verdict="mismatch"} 1\n# TYPE shadow_breaker_open gauge\nshadow_breaker_open 0\n';

describe('exposition', () => {
  it('sums the counts of all processes, series by series', () => {
    const merged = mergeExpositions([one, two]).split('\n');
    expect(merged).to.include('shadow_reads_total{route="GET /a b",verdict="match"} 7');
    expect(merged).to.include('shadow_reads_total{route="GET /a b",verdict="mismatch"} 1');
    expect(merged.filter((line) => line === '# TYPE shadow_reads_total counter')).to.have.length(1);
  });

  it('takes the highest of a state', () => {
    expect(mergeExpositions([one, two]).split('\n')).to.include('shadow_breaker_open 1');
  });

  it('leaves one text as it is', () => {
    expect(mergeExpositions([one])).to.equal(one);
  });
});
