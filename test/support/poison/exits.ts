/** A comparator that kills its worker. */
import { comparator, custom } from '../../../src/rules/kit.ts';

export default comparator(
  'poison.exits',
  custom('exits', '1', () => process.exit(3)),
);
