import { counted, millis, some } from '../../base/figure-words.ts';
import type { Condition } from '../decision.ts';
import { samplesFor } from '../limits.ts';
import type { Subject } from '../subject.ts';

/** On every route the twin's p99 is at most `latencyRatio` times the primary's, over the same reads. */
export function latency({ domain, evidence, limits, declared, window }: Subject): Condition {
  const need = samplesFor(limits);
  const missing: string[] = [];
  const slow: string[] = [];
  let worst: number | null = null;
  let worstText = '';
  for (const { key } of declared) {
    const seen = evidence.routes.find((route) => route.key === key)?.latency ?? null;
    if (seen === null || seen.samples < need) {
      missing.push(`${domain}: ${counted(need - (seen?.samples ?? 0), 'more timed read')} on ${key}`);
      continue;
    }
    const ratio = seen.twin.p99 / seen.primary.p99;
    if (ratio > limits.latencyRatio) slow.push(key);
    if (worst !== null && ratio <= worst) continue;
    worst = ratio;
    worstText = `${key}: twin p50 ${millis(seen.twin.p50)}, p95 ${millis(seen.twin.p95)}, p99 ${millis(seen.twin.p99)}; primary p50 ${millis(seen.primary.p50)}, p95 ${millis(seen.primary.p95)}, p99 ${millis(seen.primary.p99)}${seen.sameClient ? ', both asked by one client' : ''}`;
  }
  const holds = slow.length > 0 ? false : missing.length > 0 || worst === null ? null : true;
  const timed = declared.length - missing.length;
  const enough = holds === null ? `${timed} of ${declared.length} routes have ${counted(need, 'timed read')}; ` : '';
  return {
    name: 'latency',
    holds,
    figure: worst,
    limit: limits.latencyRatio,
    unit: 'ratio',
    window,
    missing:
      holds === true ? [] : [...(slow.length > 0 ? [`${domain}: a faster twin on ${some(slow)}`] : []), ...missing],
    text:
      worst === null
        ? `no route has ${counted(need, 'timed read')}`
        : `${enough}the twin's p99 is at most ${Number(worst.toPrecision(3))} times the primary's (worst ${worstText}), limit ${limits.latencyRatio}`,
  };
}
