/** A command that is still starting has nothing to bring to its end: where its parent is gone, it ends at once. */

let begun: () => void = () => undefined;

/** Ends this process with status 1 when stdin ends, until `hasStarted` is called. Stdin keeps no process alive meanwhile. */
export function endWithStdinWhileStarting(): void {
  const end = (): never => process.exit(1);
  const { stdin } = process;
  stdin.once('end', end);
  stdin.resume();
  holdOpen(false);
  begun = () => {
    stdin.off('end', end);
    stdin.pause();
    holdOpen(true);
    begun = () => undefined;
  };
}

/** From here on the command itself says what the end of stdin means. */
export function hasStarted(): void {
  begun();
}

/** A stdin that is a file, unlike a pipe or a terminal, has nothing to hold. */
function holdOpen(held: boolean): void {
  const { stdin } = process;
  if (!('ref' in stdin && 'unref' in stdin)) return;
  if (held) stdin.ref();
  else stdin.unref();
}
