/** What verifying adds to a request's time and to the processor's, at a rate that nobody feels. */
import type { Threads } from '../contenders.ts';
import { atMost, none, type Row, round, rowOf } from '../row.ts';
import type { Setting, Taken } from '../setting.ts';
import { failedIn } from './throughput.ts';

const RATES = [
  { rate: 500, p50: 0.1, p99: 0.5 },
  { rate: 1_500, p50: 0.2, p99: 1.5 },
] as const;

export async function latency(setting: Setting): Promise<Row[]> {
  const [on, off] = [await setting.contender('on'), await setting.contender('off')];
  const rows: Row[] = [];
  for (const { rate, ...budgets } of RATES) {
    setting.note(`latency at ${rate} requests/s, open loop`);
    const offered = { kb: 2, connections: 64, rate };
    let share = 1;
    const taken = await setting.byTurns({
      on: async () => {
        const got = await setting.take(on, offered);
        share = Math.max(0.01, got.verifiedShare);
        return got;
      },
      off: () => setting.take(off, { ...offered, elsewhere: share }),
    });
    for (const figure of ['p50', 'p99'] as const) {
      rows.push(
        rowOf(
          `added ${figure} at ${rate}/s, on less off with the twin's reads from elsewhere (ms)`,
          taken.on.map((one) => one[figure]),
          taken.off.map((one) => one[figure]),
          { by: 'difference', budget: atMost(budgets[figure], 'ms'), digits: 3, remark: verifiedOf(taken.on) },
        ),
      );
    }
    rows.push(cpuRow(rate, taken.on, taken.off), none(`  failed requests of ours at ${rate}/s`, failedIn(taken.on)));
    rows.push(
      none(
        `  verdicts other than match and skipped`,
        taken.on.reduce((sum, one) => sum + one.wrong, 0),
      ),
    );
  }
  return rows;
}

const verifiedOf = (taken: readonly Taken[]): string =>
  `${Math.round(Math.min(...taken.map((one) => one.verifiedShare)) * 100)} % verified at least`;

const all = (cpu: Threads): number => cpu.main + cpu.workers + cpu.other;

/** Beyond an unverified read, for each that was verified. */
function cpuRow(rate: number, on: readonly Taken[], off: readonly Taken[]): Row {
  const per = (one: Taken, of: (cpu: Threads) => number): number => of(one.cpu) / Math.max(0.01, one.verifiedShare);
  // What an unverified read costs is taken off before it is shared among the verified ones.
  const beyond = (of: (cpu: Threads) => number): number[] =>
    on.map((one, i) => per({ ...one, cpu: less(one.cpu, off[i]?.cpu) }, of));
  const middle = (of: (cpu: Threads) => number): number => round(rowOf('', beyond(of), beyond(of)).ours, 0);
  return rowOf(
    `CPU a verified read costs beyond an unverified one at ${rate}/s, all threads (µs)`,
    beyond(all),
    on.map(() => 0),
    {
      by: 'difference',
      budget: rate === 500 ? atMost(300, 'µs') : null,
      digits: 0,
      remark: `main ${middle((cpu) => cpu.main)}, workers ${middle((cpu) => cpu.workers)}, garbage and the like ${middle((cpu) => cpu.other)}`,
    },
  );
}

const less = (one: Threads, other: Threads = { main: 0, workers: 0, other: 0 }): Threads => ({
  main: one.main - other.main,
  workers: one.workers - other.workers,
  other: one.other - other.other,
});
