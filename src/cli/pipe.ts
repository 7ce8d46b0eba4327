/** What a closed output pipe means: the program that read our output needs no more of it (`| head`). */

/** Aborts commands that run until they are stopped: nobody reads their output any more. */
const gone = new AbortController();

/** Aborted once the reader of our output is gone. */
export const readerGone: AbortSignal = gone.signal;

/**
 * Makes a closed pipe no error: the work continues to its end and its exit status without further output. Node does not end
 * by SIGPIPE as other programs do; without a listener it would end with an unhandled error, and print it.
 */
export function tolerateClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      gone.abort();
    });
  }
}
