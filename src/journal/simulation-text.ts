import { agree, counted } from '../base/figure-words.ts';
import type { Measured, SimulationData } from './simulate.ts';

/** The figures with the arithmetic beside them. */
export function simulationText(data: SimulationData): string {
  const { replicas, readsPerSecond, perMinute, perHour, hour, utilisation, staleness, gate, tables } = data;
  const { byMinute, bySecond, unsharded } = data;
  const counters = perMinute.bytes * 60 + perHour.bytes;
  return [
    `${counted(replicas, 'replica')}, ${whole(readsPerSecond)} reads/s: ${whole(readsPerSecond / replicas)} reads/s a replica`,
    '',
    'measured on this machine',
    measured('a batch a minute', byMinute),
    measured('a batch a second', bySecond),
    measured('the same, rows not spread', unsharded),
    `  a gate's evidence of one domain: p50 ${ms(gate.p50)}, p99 ${ms(gate.p99)}`,
    '  tables after the minute batches:',
    ...tables
      .slice(0, 12)
      .map(
        ({ table, rows: n, bytes: b }) =>
          `    ${table.padEnd(22)} ${whole(n).padStart(10)} ${agree(n, 'row ', 'rows')} ${mega(b).padStart(10)}`,
      ),
    '',
    'extrapolated',
    `  batches a second by minute   ${replicas} / 60 = ${(replicas / 60).toFixed(1)} of ${byMinute.perSecond.toFixed(1)} = ${share(utilisation.byMinute)} of this Postgres`,
    `  batches a second by second   ${replicas} of ${bySecond.perSecond.toFixed(1)} = ${share(utilisation.bySecond)} of this Postgres`,
    `  rows an hour                 ${whole(perMinute.rows)} a minute x 60 + ${whole(perHour.rows)} an hour + ${counted(hour.mismatches, 'mismatch', 'mismatches')} = ${whole(hour.rows)}`,
    `  bytes an hour                ${mega(perMinute.bytes)} a minute x 60 + ${mega(perHour.bytes)} an hour + ${mega(hour.bytes - counters)} of mismatches (${whole(data.mismatchBytes)} bytes each, without indexes) = ${mega(hour.bytes)}`,
    `  staleness at most            ${staleness.byMinute.toFixed(1)} s by minute, ${staleness.bySecond.toFixed(1)} s by second`,
    `  30 days of counters          ${mega(counters)} x 720 = ${mega(counters * 720)}; \`shadowread prune\` drops whole days`,
    '  mismatches of a steady 0.02 % make up the rest; their sealed evidence is bounded by journal.evidenceBytes',
    utilisation.bySecond > 0.7
      ? `  so: set journal.flushMs to ${Math.ceil(utilisation.bySecond / 0.5) * 1_000} or more for a fleet of this size on a Postgres like this one`
      : '  so: the default of a batch a second suffices for a fleet of this size',
    '',
    `${data.seconds.toFixed(1)} s`,
  ].join('\n');
}

function measured(what: string, { batches, readsPerBatch, p50, p99, perSecond, writers, waiting }: Measured): string {
  return `  ${what.padEnd(26)} ${counted(batches, 'batch', 'batches')} of ${counted(readsPerBatch, 'read')}, ${writers} at once: ${perSecond.toFixed(1)}/s, p50 ${ms(p50)}, p99 ${ms(p99)}, ${waiting.toFixed(2)} waiting for a lock`;
}

const whole = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
const ms = (n: number): string => `${Number(n.toPrecision(3))} ms`;
const mega = (n: number): string => `${(n / 1_048_576).toFixed(1)} MB`;
const share = (n: number): string => `${(n * 100).toFixed(0)} %`;
