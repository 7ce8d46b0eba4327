/** What asks a command to come to its end: Ctrl-C, a stop by a supervisor, and the end of the terminal that it runs in. */

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` at the first of them; the next one then ends the process, as it does where nobody listens. Returns what ends the
 * listening.
 */
export function onStopSignal(stop: () => void): () => void {
  const off = (): void => {
    for (const signal of STOP_SIGNALS) process.off(signal, heard);
  };
  const heard = (): void => {
    off();
    stop();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, heard);
  return off;
}
