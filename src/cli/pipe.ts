/** What a closed pipe behind us means: whoever read our output has what they wanted (`| head`). */

/** Stops listening by aborting: what would go on for ever has nobody left to go on for. */
const gone = new AbortController();

/** Aborted once the reader of our output is gone. */
export const readerGone: AbortSignal = gone.signal;

/**
 * Lets a closed pipe be no error: the work goes on to its end and its exit status, and says the rest to nobody. Node
 * does not end by SIGPIPE as other programs do; without a listener it would die of an unhandled error, and print it.
 */
export function tolerateClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      gone.abort();
    });
  }
}
