/**
 * The one fault of the journal's driver that nobody who uses it can catch. It writes short messages a turn of the loop
 * later, and where the connection is gone by then it throws from a timer's callback (porsager/postgres#1154, #1208; in
 * 3.4.9 without a fix). Whoever waits for such a connection has been told by then, and `connectJournal` makes a new pool:
 * nothing is left to do but to live on.
 */
export function isWriteToClosed(thrown: unknown): boolean {
  return (
    thrown instanceof TypeError &&
    thrown.message.includes("reading 'write'") &&
    /nextWrite.*[\\/]postgres[\\/]/.test(thrown.stack ?? '')
  );
}
