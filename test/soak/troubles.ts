/** What happens to a proxy in its life, one after the other; each begins, lasts, and is put right again. */
import type { Stage } from './stage.ts';

export interface Trouble {
  readonly name: string;
  begin(stage: Stage): Promise<void>;
  end(stage: Stage): Promise<void>;
}

/** A domain whose reads the demo asks for often and that stands alone. */
const FLIPPED = 'points';
const PAUSED = 'payments';

const flip = (stage: Stage): Promise<void> => stage.command('flip', FLIPPED, '--override', '--reason', 'soak');
const rollback = (stage: Stage): Promise<void> => stage.command('rollback', FLIPPED, '--reason', 'soak');

const doors = (['twin', 'journal'] as const).flatMap((side) =>
  (
    [
      ['slow', 'is slow'],
      ['stuck', 'hangs'],
      ['shut', 'resets'],
      ['gone', 'is down'],
    ] as const
  ).map(
    ([door, words]): Trouble => ({
      name: `the ${side} ${words}`,
      begin: (stage) => stage[side].set(door),
      end: (stage) => stage[side].set('open'),
    }),
  ),
);

export const TROUBLES: readonly Trouble[] = [
  ...doors,
  { name: 'the config is read again', begin: (stage) => stage.reload(), end: (stage) => stage.reload() },
  {
    name: `${PAUSED} is paused`,
    begin: (stage) => stage.control({ domains: { [PAUSED]: { paused: true } } }),
    end: (stage) => stage.control({ domains: { [PAUSED]: { paused: false } } }),
  },
  {
    name: 'shadowing is off',
    begin: (stage) => stage.control({ shadowing: false }),
    end: (stage) => stage.control({ shadowing: true }),
  },
  { name: `${FLIPPED} is flipped`, begin: flip, end: rollback },
  {
    name: `${FLIPPED} is flipped and the twin is down`,
    begin: async (stage) => {
      await flip(stage);
      await stage.twin.set('gone');
    },
    end: async (stage) => {
      await stage.twin.set('open');
      await rollback(stage);
    },
  },
];
