/** What our sink costs nginx behind its mirror, against the least that can stand there. */
import { startProcesses, startUpstream } from '../contenders.ts';
import { hasNginx, startNginx } from '../nginx.ts';
import { atLeast, none, type Row, rowOf } from '../row.ts';
import type { Setting } from '../setting.ts';
import { failedIn, freePort } from './throughput.ts';

export async function sink(setting: Setting): Promise<Row[]> {
  if (!hasNginx()) {
    setting.note('nginx is not installed: no figures of a mirror');
    return [];
  }
  setting.note("nginx's throughput with our sink behind its mirror");
  const empty = await startUpstream('empty');
  setting.closes(() => empty.close());
  const ours = await startProcesses('sink', 1, setting.primary, setting.twin);
  setting.closes(ours.close);
  const behind = async (port: number) => {
    const nginx = await startNginx(setting.primary, port, freePort(), true);
    setting.closes(nginx.close);
    await setting.warm(nginx.port);
    return nginx;
  };
  const [toSink, toEmpty] = [await behind(ours.port), await behind(empty.port)];
  const taken = await setting.byTurns({
    sink: () => setting.take(toSink, { kb: 2 }),
    empty: () => setting.take(toEmpty, { kb: 2 }),
  });
  const rates = (of: keyof typeof taken): number[] => taken[of].map((one) => one.perSecond);
  return [
    rowOf(
      'nginx with `mirror` to our sink, 2 KB (requests/s), against an empty server',
      rates('sink'),
      rates('empty'),
      { budget: atLeast(0.95) },
    ),
    none('  failed requests of nginx', failedIn(taken.sink)),
  ];
}
