/** Ctrl-C and its like: the first asks for the end, the second ends at once. Returns how to stop listening. */
import { EXIT } from '../../errors.ts';
import { STOP_SIGNALS } from '../stop-signals.ts';

export function onInterrupt(first: () => void): () => void {
  let interrupted = false;
  const heard = (): void => {
    if (interrupted) process.exit(EXIT.undecided);
    interrupted = true;
    first();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, heard);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, heard);
  };
}
