/** `to.push(...more)` for lists of any length: a spread puts each element on the stack, which holds some 120,000 of them. */
export function append<T>(to: T[], more: Iterable<T>): void {
  for (const each of more) to.push(each);
}
