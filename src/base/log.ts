/** Log lines of the serving processes, to stderr: time, level, message. Never a body, a header or a credential. */
import { counted } from './figure-words.ts';
import { visible } from './plain-text.ts';

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  /** A warning that may come a thousand times a second is written once in ten seconds, with how often it came. */
  often(key: string, message: string): void;
}

const PAUSE_MS = 10_000;
/** Keys remembered; more than there are call sites, so that it never fills. */
const KEYS_AT_MOST = 100;

/** Bytes that wait for a reader of the log who does not read. What comes beyond them is lost, and how much is told. */
const WAITING_AT_MOST = 1_048_576;

/** Lines to a stream, for as long as somebody takes them. */
function writeTo(stream: Pick<NodeJS.WriteStream, 'write' | 'writableLength'>): (line: string) => void {
  let lost = 0;
  return (line) => {
    if (stream.writableLength > WAITING_AT_MOST) {
      lost += 1;
      return;
    }
    if (lost > 0) stream.write(`${counted(lost, 'line')} of this log could not be written\n`);
    lost = 0;
    stream.write(line);
  };
}

export function createLog(write: (line: string) => void = writeTo(process.stderr), now: () => number = Date.now): Log {
  const held = new Map<string, { until: number; times: number }>();
  const put = (level: string, message: string): void =>
    write(`${new Date(now()).toISOString()} ${level} ${visible(message)}\n`);
  return {
    info: (message) => put('info', message),
    warn: (message) => put('warn', message),
    often(key, message) {
      const entry = held.get(key);
      // More than a pause left: the clock was set back.
      if (entry !== undefined && now() < entry.until && now() >= entry.until - PAUSE_MS) {
        entry.times += 1;
        return;
      }
      put(
        'warn',
        entry === undefined || entry.times === 0 ? message : `${message} (and ${counted(entry.times, 'time')} before)`,
      );
      if (held.size >= KEYS_AT_MOST) held.clear();
      held.set(key, { until: now() + PAUSE_MS, times: 0 });
    },
  };
}
