/**
 * The one fault of the journal's driver that its users cannot catch. The driver writes short messages one turn of the
 * event loop later, and if the connection is gone by then, it throws from a timer's callback (porsager/postgres#1154,
 * #1208; not fixed in 3.4.9). The queries on that connection have failed by then, and `connectJournal` makes a new pool,
 * so the process can continue.
 */
export function isWriteToClosed(thrown: unknown): boolean {
  return (
    thrown instanceof TypeError &&
    thrown.message.includes("reading 'write'") &&
    /nextWrite.*[\\/]postgres[\\/]/.test(thrown.stack ?? '')
  );
}
