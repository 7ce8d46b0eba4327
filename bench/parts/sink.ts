/** What our sink costs nginx behind its mirror, against the least that can stand there. */
import { configSchema } from '../../src/config-schema.ts';
import { startProcesses, startUpstream } from '../contenders.ts';
import { hasNginx, startNginx } from '../nginx.ts';
import { atLeast, none, type Row, rowOf } from '../row.ts';
import type { Setting } from '../setting.ts';
import { SomebodyElse } from '../somebody-else.ts';
import { failedIn, freePort } from './throughput.ts';

/** Requests a second while the sink's verifying is warmed, which sees `sink.perSecond` of them. */
const WARMING = 1_000;

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
    await setting.warm(nginx.port, WARMING);
    return nginx;
  };
  const [toSink, toEmpty] = [await behind(ours.port), await behind(empty.port)];
  // The sink asks both sides for what it verifies: beside the empty server somebody else does.
  const { perSecond } = configSchema.parse({}).sink;
  const others = [setting.primary, setting.twin].map((port) => new SomebodyElse(port));
  for (const other of others) setting.closes(() => other.close());
  const beside = (): Promise<unknown> =>
    Promise.all(others.map((other) => other.atRate(perSecond, setting.options.seconds, 2, 'none')));
  const taken = await setting.byTurns({
    sink: () => setting.take(toSink, { kb: 2 }),
    empty: async () => (await Promise.all([setting.take(toEmpty, { kb: 2 }), beside()]))[0],
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
