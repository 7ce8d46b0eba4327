/**
 * Header fields that are ours to set, in lower case. From outside they are removed, in requests on every way to either
 * side, unless who sends them is believed to be one of us.
 */
export const CONTROL_FIELDS: ReadonlySet<string> = new Set([
  'x-shadow-read',
  'x-shadow-loop',
  'x-shadow-trace-id',
  'x-twin-representation',
]);
