import type { Side } from '../types.ts';
import type { Slots } from '../verifier/protocol.ts';

/** One worker, as far as sharing goes. */
export interface Sharing {
  readonly ready: boolean;
  readonly jobs: { readonly size: number };
  readonly slots: Pick<Slots, 'share' | 'setShare' | 'inUse'>;
}

/**
 * Gives each worker its share of the requests that may be out to a side, so that all shares together never exceed the
 * limit, not even while they move: what one loses another gets when it is no longer in use. With fewer slots than workers
 * those with the most reads get one. Returns the workers whose share has risen.
 */
export function spread<W extends Sharing>(side: Side, limit: number, workers: readonly W[]): readonly W[] {
  const ready = workers.filter((worker) => worker.ready);
  const base = Math.floor(limit / ready.length);
  let over = limit - base * ready.length;
  const wanted = new Map<W, number>();
  const scarce = limit < ready.length;
  for (const worker of scarce ? ready.toSorted((a, b) => b.jobs.size - a.jobs.size) : ready) {
    wanted.set(worker, base + (over > 0 ? 1 : 0));
    over -= 1;
  }
  for (const { slots, ready: isReady } of workers) if (!isReady && slots.share(side) > 0) slots.setShare(side, 0);
  for (const [{ slots }, share] of wanted) if (share < slots.share(side)) slots.setShare(side, share);
  const held = ({ slots }: W): number => Math.max(slots.share(side), slots.inUse(side));
  let room = workers.reduce((left, worker) => left - held(worker), limit);
  const risen: W[] = [];
  for (const worker of workers) {
    const { slots } = worker;
    const before = held(worker);
    const share = slots.share(side);
    // More is out than the limit: what another may not have any more, this one may not begin.
    if (room < 0) slots.setShare(side, Math.max(Math.min(share, slots.inUse(side)), share + room));
    else if ((wanted.get(worker) ?? 0) > share) {
      slots.setShare(side, Math.min(wanted.get(worker) ?? 0, share + room));
      if (slots.share(side) > share) risen.push(worker);
    }
    room += before - held(worker);
  }
  return risen;
}
