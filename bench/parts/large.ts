/** Small reads beside large answers that are verified. */
import { targets } from '../entities.ts';
import { load } from '../load.ts';
import { atMost, type Row, rowOf } from '../row.ts';
import type { Setting } from '../setting.ts';

const LARGE_KB = 1_500;
const LARGE_PER_SECOND = 6;

export async function large(setting: Setting): Promise<Row[]> {
  setting.note('small reads beside six answers of 1.5 MB a second');
  const kinds = setting.options.quick ? (['on', 'off'] as const) : (['on', 'off', 'naive'] as const);
  const cases = Object.fromEntries(
    await Promise.all(
      kinds.map(async (kind) => {
        const contender = await setting.contender(kind);
        const take = async () => {
          const beside = load({
            port: contender.port,
            target: targets(LARGE_KB, 'none'),
            connections: 4,
            seconds: setting.options.seconds,
            rate: LARGE_PER_SECOND,
          });
          // Large reads of the twin are part of what verifying large answers costs: they are not sent for `off`.
          const [small] = await Promise.all([
            setting.take(contender, { kb: 2, rate: 300, ...(kind === 'off' ? { elsewhere: 1 } : {}) }),
            beside,
          ]);
          return small;
        };
        return [kind, take] as const;
      }),
    ),
  );
  const taken = await setting.byTurns(cases);
  const p99 = (kind: string): number[] => (taken[kind] ?? []).map((one) => one.p99);
  return kinds
    .filter((kind) => kind !== 'off')
    .map((kind) =>
      rowOf(`small reads' p99 beside 6 x 1.5 MB/s, ${kind} against off (ms)`, p99(kind), p99('off'), {
        budget: kind === 'on' ? atMost(1.5) : null,
      }),
    );
}
