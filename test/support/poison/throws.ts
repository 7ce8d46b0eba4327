/** A comparator that throws. */
import { comparator, custom } from '../../../src/rules/kit.ts';

export default comparator(
  'poison.throws',
  custom('throws', '1', () => {
    throw new RangeError('the secret value 4711 does not fit');
  }),
);
