/** Ctrl-C: the first asks for the end, the second ends at once. Returns how to stop listening. */
import { EXIT } from '../../errors.ts';

export function onInterrupt(first: () => void): () => void {
  let interrupted = false;
  const heard = (): void => {
    if (interrupted) process.exit(EXIT.undecided);
    interrupted = true;
    first();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return () => {
    process.off('SIGINT', heard);
    process.off('SIGTERM', heard);
  };
}
