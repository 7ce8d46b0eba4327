/** A comparator that never ends. */
import { comparator, custom } from '../../../src/rules/kit.ts';

export default comparator(
  'poison.loops',
  custom('loops', '1', () => {
    for (;;) if (Math.random() > 1) return null;
  }),
);
