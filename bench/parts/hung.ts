/** A twin that never answers: what it may cost is memory and sockets, both within bounds. */
import { readdirSync } from 'node:fs';
import { startContender, startUpstream } from '../contenders.ts';
import { targets } from '../entities.ts';
import { load } from '../load.ts';
import { atMost, figure, none, type Row } from '../row.ts';
import type { Setting } from '../setting.ts';

/** Sockets of a process, from /proc. */
const socketsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const MEGABYTE = 1_048_576;

export async function hung(setting: Setting): Promise<Row[]> {
  const seconds = setting.options.seconds * 5;
  setting.note(`a twin that hangs, 500 requests/s for ${seconds} s`);
  const hanging = await startUpstream('hang');
  setting.closes(() => hanging.close());
  const ours = await startContender('on', setting.primary, hanging.port);
  setting.closes(ours.close);
  const whole = { port: ours.port, target: targets(2, 'none'), connections: 32, rate: 500 };
  await load({ ...whole, seconds: Math.min(2, seconds) });
  const [before, sockets] = [(await ours.figures()).memory, socketsOf(ours.pid)];
  const { failed } = await load({ ...whole, seconds });
  const [after, socketsAfter] = [(await ours.figures()).memory, socketsOf(ours.pid)];
  return [
    figure(`twin hangs, ${seconds} s: memory grown (MB)`, (after - before) / MEGABYTE, atMost(50, 'MB')),
    figure('twin hangs: sockets grown', socketsAfter - sockets, atMost(74, '(64 + 10)')),
    none('twin hangs: failed client requests', failed),
  ];
}
