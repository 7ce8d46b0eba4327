/**
 * How much a generated suite does: enough to see what it is for in each run of all tests, and the whole where
 * `npm run test:whole` asks for it, as every night does. Sizes alone differ, never what is checked.
 */
const WHOLE = process.env.TESTS_WHOLE === '1';

export function sized<T>(usual: T, whole: T): T {
  return WHOLE ? whole : usual;
}
