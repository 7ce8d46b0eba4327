/** More connections, more processes, more distinct URLs. */
import { startProcesses } from '../contenders.ts';
import { targets } from '../entities.ts';
import { load } from '../load.ts';
import { atMost, figure, none, type Row, rowOf } from '../row.ts';
import type { Setting } from '../setting.ts';

const MEGABYTE = 1_048_576;

export async function growth(setting: Setting): Promise<Row[]> {
  const { seconds } = setting.options;
  const on = await setting.contender('on');
  const rows: Row[] = [];
  let base = Number.NaN;
  for (const connections of [10, 100, 1_000]) {
    setting.note(`growth: ${connections} connections`);
    const { perSecond, failed } = await load({ port: on.port, target: targets(2, 'none'), connections, seconds });
    if (connections === 10) base = perSecond;
    rows.push(rowOf(`${connections} connections (requests/s, against 10)`, [perSecond], [base]));
    rows.push(none('  failed requests', failed));
  }
  for (const processes of [1, 2]) {
    setting.note(`growth: ${processes} ${processes === 1 ? 'process' : 'processes'}`);
    const ours = await startProcesses('proxy', processes, setting.primary, setting.twin);
    setting.closes(ours.close);
    const given = { port: ours.port, target: targets(2, 'none'), connections: 64, seconds };
    const warm = await load(given);
    const { perSecond, failed, requests } = await load(given);
    if (processes === 1) base = perSecond;
    rows.push(rowOf(`--processes ${processes} (requests/s, against 1)`, [perSecond], [base]));
    rows.push(none('  failed requests', failed));
    rows.push(none('  reads not counted', Math.max(0, warm.requests + requests - (await ours.seen()))));
    await ours.close();
  }
  const before = (await on.figures()).memory;
  for (const urls of [10, 1_000, 100_000]) {
    setting.note(`growth: ${urls} distinct URLs`);
    const next = targets(2, 'none');
    const asked = Array.from({ length: urls }, next);
    let at = 0;
    const target = (): string => asked[at++ % urls] ?? '/';
    await load({ port: on.port, target, connections: 32, seconds });
    const grown = ((await on.figures()).memory - before) / MEGABYTE;
    rows.push(figure(`${urls} distinct URLs: memory grown (MB)`, grown, urls === 100_000 ? atMost(150, 'MB') : null));
  }
  return rows;
}
