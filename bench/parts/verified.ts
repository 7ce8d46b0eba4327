/**
 * Reads verified a second where every read is offered, as many as can be: against plain, for which somebody else sends
 * the twin as many reads as the clients make. Next to it what is forwarded meanwhile, against shadowing off with as many
 * reads of the twin from elsewhere as ours sent.
 */
import type { Repeats } from '../entities.ts';
import { atLeast, none, type Row, rowOf } from '../row.ts';
import type { Setting } from '../setting.ts';
import { failedIn } from './throughput.ts';

const CASES: readonly { readonly kb: number; readonly repeats: Repeats; readonly least: number }[] = [
  { kb: 2, repeats: 'none', least: 0.8 },
  { kb: 2, repeats: 'zipf', least: 0.8 },
  { kb: 50, repeats: 'none', least: 0.5 },
  { kb: 50, repeats: 'zipf', least: 0.8 },
];

export async function verified(setting: Setting): Promise<Row[]> {
  const [on, off, plain] = [
    await setting.contender('on'),
    await setting.contender('off'),
    await setting.contender('plain'),
  ];
  const rows: Row[] = [];
  for (const { kb, repeats, least } of CASES) {
    const what = `${kb} KB, ${repeats === 'zipf' ? 'Zipf 1.0 over 10,000' : 'nothing repeated'}`;
    setting.note(`verified a second, ${what}`);
    let share = 1;
    const taken = await setting.byTurns({
      on: async () => {
        const round = await setting.take(on, { kb, repeats });
        share = round.verifiedShare;
        return round;
      },
      off: () => setting.take(off, { kb, repeats, elsewhere: share }),
      plain: () => setting.take(plain, { kb, repeats, elsewhere: 1 }),
    });
    const forwarded = taken.on.map((one) => one.perSecond);
    rows.push(
      rowOf(
        `verified/s, against plain with the twin's reads from elsewhere, ${what}`,
        taken.on.map((one) => one.verifiedPerSecond),
        taken.plain.map((one) => one.perSecond),
        { budget: atLeast(least), remark: `${percent(taken.on.map((one) => one.verifiedShare))} of what is forwarded` },
      ),
      rowOf(
        '  forwarded meanwhile, against off with as many reads of the twin from elsewhere',
        forwarded,
        taken.off.map((one) => one.perSecond),
      ),
      none(`  failed requests of ours, ${what}`, failedIn(taken.on)),
      none(
        '  verdicts other than match and skipped',
        taken.on.reduce((sum, one) => sum + one.wrong, 0),
      ),
    );
  }
  const { verdicts } = await on.figures();
  rows.push(none('  a run without one match', (verdicts.match ?? 0) > 0 ? 0 : 1));
  return rows;
}

function percent(shares: readonly number[]): string {
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => Math.round(share * 100));
  return `${least} - ${most} %`;
}
