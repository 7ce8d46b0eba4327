/** What it means that our output cannot be written: its reader is gone (`| head`), or the disk is full. */
import { EXIT } from '../errors.ts';

/** Aborts commands that run until they are stopped: nobody reads their output any more. */
const gone = new AbortController();

/** Aborted once the reader of our output is gone. */
export const readerGone: AbortSignal = gone.signal;

/**
 * Makes a closed pipe no error: the work continues to its end and its exit status without further output. Node does not end
 * by SIGPIPE as other programs do; without a listener it would end with an unhandled error, and print it. Output that is lost
 * for another reason is told once, and its command ends with 2: a 1 would be taken for an answer that nobody has. A process
 * that serves goes on serving, whatever becomes of its log.
 */
export function tolerateClosedPipe(): void {
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') gone.abort();
  });
  let lost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') gone.abort();
    else if (!lost) {
      lost = true;
      process.stderr.write(`SHADOW_INTERNAL: the output cannot be written; found ${error.message}\n`);
      process.on('exit', (status) => {
        if (status === EXIT.yes || status === EXIT.no) process.exitCode = EXIT.undecided;
      });
    }
  });
}
