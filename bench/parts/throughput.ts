/** Requests a second that are forwarded, as many as each contender can, beside plain. */
import { hasNginx, startNginx } from '../nginx.ts';
import { atLeast, none, type Row, rowOf } from '../row.ts';
import type { Setting, Taken } from '../setting.ts';

export async function throughput(setting: Setting): Promise<Row[]> {
  const { quick } = setting.options;
  const contenders = new Map<string, Awaited<ReturnType<Setting['contender']>>>();
  for (const kind of quick ? (['plain', 'off'] as const) : (['plain', 'off', 'long-off', 'naive'] as const))
    contenders.set(kind, await setting.contender(kind));
  if (!quick && hasNginx()) {
    for (const mirror of [false, true]) {
      const nginx = await startNginx(setting.primary, setting.twin, freePort(), mirror);
      setting.closes(nginx.close);
      contenders.set(nginx.name, nginx);
    }
  }
  const rows: Row[] = [];
  for (const kb of quick ? [2] : [2, 50]) {
    setting.note(`throughput at ${kb} KB`);
    const taken = await setting.byTurns(
      Object.fromEntries([...contenders].map(([name, one]) => [name, () => setting.take(one, { kb })])),
    );
    const rates = (name: string): number[] => (taken[name] ?? []).map((one) => one.perSecond);
    for (const name of contenders.keys()) {
      if (name === 'plain') continue;
      const budget = name === 'off' && kb === 2 ? atLeast(1.5) : null;
      rows.push(
        rowOf(`throughput, ${name} against plain, ${kb} KB (requests/s)`, rates(name), rates('plain'), { budget }),
      );
    }
    rows.push(none(`  failed requests of ours, ${kb} KB`, failedIn(taken.off ?? [])));
  }
  return rows;
}

export const failedIn = (taken: readonly Taken[]): number => taken.reduce((sum, one) => sum + one.failed, 0);

let given = 0;
/** nginx cannot say which port it took; these are apart from those the system gives out. */
export const freePort = (): number => 20_000 + (process.pid % 10_000) + given++;
