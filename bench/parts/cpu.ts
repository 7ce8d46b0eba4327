/** CPU a request, main thread and workers apart, of all contenders at a rate that none of them feels. */
import type { Threads } from '../contenders.ts';
import { median, type Row, round, rowOf } from '../row.ts';
import type { Setting } from '../setting.ts';

const KINDS = ['plain', 'naive', 'long-off', 'off', 'long-on', 'on'] as const;

export async function cpu(setting: Setting): Promise<Row[]> {
  setting.note('CPU a request at 500 requests/s');
  const cases = Object.fromEntries(
    await Promise.all(
      KINDS.map(async (kind) => {
        const contender = await setting.contender(kind);
        return [kind, () => setting.take(contender, { kb: 2, rate: 500 })] as const;
      }),
    ),
  );
  const taken = await setting.byTurns(cases);
  const of = (kind: string, whose: keyof Threads): number =>
    round(median((taken[kind] ?? []).map((one) => one.cpu[whose])), 0);
  const sums = (kind: string): number[] =>
    (taken[kind] ?? []).map((one) => one.cpu.main + one.cpu.workers + one.cpu.other);
  return KINDS.map((kind) =>
    rowOf(`CPU a request at 500/s, all threads (µs), ${kind} against plain`, sums(kind), sums('plain'), {
      remark: `main ${of(kind, 'main')}, workers ${of(kind, 'workers')}, garbage and the like ${of(kind, 'other')}`,
    }),
  );
}
