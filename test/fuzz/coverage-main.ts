/** What the coverage tells of a function's branches, in a process where nobody has run them before; as JSON. */
import { canonicalDecimal } from '../../src/rules/decimal.ts';
import { openCoverage } from './parsers/coverage.ts';

const coverage = await openCoverage();
canonicalDecimal('12');
await coverage.fresh();
const told: [text: string, first: number, again: number][] = [];
for (const text of ['13', '0.5', '1e400000000', '-Infinity']) {
  canonicalDecimal(text);
  const first = await coverage.fresh();
  canonicalDecimal(text);
  told.push([text, first, await coverage.fresh()]);
}
await coverage.close();
process.stdout.write(JSON.stringify(told));
