/** A comparator that takes all the memory there is. */
import { comparator, custom } from '../../../src/rules/kit.ts';

export default comparator(
  'poison.hoards',
  custom('hoards', '1', () => {
    const hoard: { readonly at: number }[] = [];
    for (;;) hoard.push({ at: hoard.length });
  }),
);
