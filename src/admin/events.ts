/** Server-sent events: tells open dashboards that figures changed; they ask for what they show. */
import type { Request, Response } from 'express';

export interface Events {
  /** Handler of GET /api/events. */
  stream(request: Request, response: Response): void;
  /** Something changed: told at most once a second, to all who listen. */
  changed(what: string): void;
  close(): void;
}

const PAUSE_MS = 1_000;
const BEAT_MS = 15_000;
/** Streams at once; a dashboard left open in every tab of a team is far below. */
const STREAMS_AT_MOST = 100;

export function createEvents(): Events {
  const open = new Set<Response>();
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  const beat = setInterval(() => {
    for (const response of open) response.write(': beat\n\n');
  }, BEAT_MS);
  beat.unref();
  const tell = (): void => {
    timer = null;
    const data = JSON.stringify({ changed: [...pending], at: Date.now() });
    pending.clear();
    for (const response of open) {
      // A reader that does not read must not make us hold its backlog.
      if (response.writableLength > 65_536) response.destroy();
      else response.write(`data: ${data}\n\n`);
    }
  };
  return {
    stream(request, response) {
      if (open.size >= STREAMS_AT_MOST) {
        response.status(503).json({ error: { code: 'SHADOW_REFUSED', message: 'Too many event streams are open.' } });
        return;
      }
      response
        .status(200)
        .set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      // Has no content, so that nothing would ever be sent, and one of the streams taken.
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      response.write('retry: 2000\n\n');
      open.add(response);
      response.on('close', () => open.delete(response));
    },
    changed(what) {
      if (open.size === 0) return;
      pending.add(what);
      timer ??= setTimeout(tell, PAUSE_MS).unref();
    },
    close() {
      clearInterval(beat);
      if (timer !== null) clearTimeout(timer);
      for (const response of open) response.end();
    },
  };
}
