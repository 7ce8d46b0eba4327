// biome-ignore-all lint/suspicious/noThenProperty: a branch of $switch has a field of that name.
/** The codes by which MongoDB tells what is wrong with the arguments of an operator or a stage. */
export interface ArgumentCodes {
  /** What is given is no document. */
  readonly document: number;
  /** It has an argument that does not exist. */
  readonly unknown: number;
  /** It lacks the argument. */
  readonly missing: Readonly<Record<string, number>>;
}

function codes(document: number, unknown: number, missing: Readonly<Record<string, number>>): ArgumentCodes {
  return { document, unknown, missing };
}

const TRIM = codes(50696, 50694, { input: 50695 });
const REPLACE = codes(51751, 51750, { input: 51749, find: 51748, replacement: 51747 });

/** Operators that have a code of their own for a wrong number of arguments. */
export const ARITY_CODES: ReadonlyMap<string, number> = new Map([
  ['$ifNull', 1257300],
  ['$setEquals', 17045],
]);

/** An operator that is not here answers 9, FailedToParse. */
export const ARGUMENT_CODES: ReadonlyMap<string, ArgumentCodes> = new Map([
  ['$filter', codes(28646, 28647, { input: 28648, cond: 28650 })],
  ['$map', codes(16878, 16879, { input: 16880, in: 16882 })],
  ['$reduce', codes(40075, 40076, { input: 40077, initialValue: 40078, in: 40079 })],
  ['$let', codes(16874, 16875, { vars: 16876, in: 16877 })],
  ['$switch', codes(40060, 40067, { branches: 40068 })],
  ['$switch branch', codes(40062, 40063, { case: 40064, then: 40065 })],
  ['$sortArray', codes(2942500, 2942501, { input: 2942502, sortBy: 2942503 })],
  ['$trim', TRIM],
  ['$ltrim', TRIM],
  ['$rtrim', TRIM],
  ['$replaceOne', REPLACE],
  ['$replaceAll', REPLACE],
  ['$regexMatch', codes(51103, 31024, { input: 31022, regex: 31023 })],
  ['$dateToString', codes(18629, 18534, { date: 18628 })],
  ['$dateToParts', codes(40524, 40520, { date: 40522 })],
  ['$getField', codes(3041701, 3041701, { field: 3041702, input: 3041703 })],
  ['$setField', codes(4161100, 4161101, { field: 4161102, value: 4161103, input: 4161109 })],
  ['$bucket', codes(40201, 40197, { groupBy: 40198, boundaries: 40198 })],
  ['$replaceRoot', codes(40229, 40230, { newRoot: 40231 })],
  ['$sample', codes(28745, 28748, { size: 28749 })],
  ['$unwind', codes(15981, 28811, { path: 28812 })],
  ['$lookup', codes(9, 40415, { from: 9, as: 9 })],
  ['$unionWith', codes(9, 40415, { coll: 9 })],
  ['$setWindowFields', codes(9, 40415, { output: 40414 })],
  [
    '$graphLookup',
    codes(40327, 40104, { from: 40105, startWith: 40105, connectFromField: 40105, connectToField: 40105, as: 40105 }),
  ],
]);
