/** Sums the Prometheus texts of several processes into one, so that N processes count as one. */

/** Series of which the highest is taken instead of the sum: states, not amounts. */
const HIGHEST = new Set([
  'shadow_breaker_open',
  'shadow_verifier_failed',
  'shadow_shadowing',
  'shadow_gate_pass',
  'shadow_faults_open',
  'shadow_journal_lag_seconds',
  'target_info',
]);

/**
 * Merges by series (name and labels); comment lines are kept once, in the first text's order.
 * Sums counters, histogram buckets and amounts; for states the highest counts.
 */
export function mergeExpositions(texts: readonly string[]): string {
  const only = texts[0];
  if (texts.length <= 1) return only ?? '';
  const families = new Map<string, { head: string[]; series: Map<string, number> }>();
  for (const text of texts) {
    let family = open(families, '');
    for (const line of text.split('\n')) {
      if (line === '') continue;
      if (line.startsWith('#')) {
        const name = line.split(' ')[2] ?? '';
        family = open(families, name);
        if (!family.head.includes(line)) family.head.push(line);
        continue;
      }
      const cut = line.lastIndexOf(' ');
      const series = withoutInstance(line.slice(0, cut));
      const value = Number(line.slice(cut + 1));
      const name = /^[^{ ]+/.exec(series)?.[0] ?? '';
      const held = family.series.get(series);
      family.series.set(series, held === undefined ? value : HIGHEST.has(name) ? Math.max(held, value) : held + value);
    }
  }
  return [...families.values()]
    .flatMap(({ head, series }) => [...head, ...[...series].map(([name, value]) => `${name} ${value}`)])
    .join('\n')
    .concat('\n');
}

function open(families: Map<string, { head: string[]; series: Map<string, number> }>, name: string) {
  const held = families.get(name);
  if (held !== undefined) return held;
  const made = { head: [], series: new Map<string, number>() };
  families.set(name, made);
  return made;
}

/** target_info differs by process in its pid and instance: one line stands for all. */
function withoutInstance(series: string): string {
  return series.startsWith('target_info')
    ? series.replace(/,?(process_pid|service_instance_id)="(?:[^"\\]|\\.)*"/g, '').replace('{,', '{')
    : series;
}
