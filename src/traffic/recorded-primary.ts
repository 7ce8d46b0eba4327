/**
 * Recorded answers instead of the primary: a server on loopback that gives each question its recorded answer, as often as
 * it is asked, so that the verifier needs to know nothing about recordings.
 */
import { createServer } from 'node:http';
import { closeNow, listenOn, urlOf } from '../base/listening.ts';
import type { TraceIds } from '../types.ts';
import type { RecordedAnswer } from './recorded.ts';

export interface RecordedPrimary {
  readonly url: string;
  lay(trace: TraceIds, answer: RecordedAnswer): void;
  forget(trace: TraceIds): void;
  close(): Promise<void>;
}

/** Fields of the recording's connection and of its framing; the content lies here as a whole. */
const NOT_SENT = /^(?:connection|keep-alive|transfer-encoding|content-length|trailer|upgrade|date)$/i;

export async function openRecordedPrimary(): Promise<RecordedPrimary> {
  const answers = new Map<string, RecordedAnswer>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume();
    const traceId = /^00-([0-9a-f]{32})-/.exec(String(request.headers.traceparent ?? ''))?.[1] ?? '';
    const answer = answers.get(traceId);
    response.sendDate = false;
    if (answer === undefined) {
      response.writeHead(410).end();
      return;
    }
    const fields: string[] = [];
    for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
      const [name, value] = [answer.rawHeaders[i] ?? '', answer.rawHeaders[i + 1] ?? ''];
      if (!NOT_SENT.test(name)) fields.push(name, value);
    }
    // A 304 or 204 that was recorded with content has none on the wire.
    const bare = answer.status === 204 || answer.status === 304;
    if (!bare) fields.push('Content-Length', String(answer.body.length));
    response.writeHead(answer.status, fields);
    response.end(bare || request.method === 'HEAD' ? undefined : answer.body);
  });
  const port = await listenOn(server, 0, '127.0.0.1', { what: 'the recorded primary', example: '--primary live' });
  return {
    url: urlOf('127.0.0.1', port),
    lay: (trace, answer) => answers.set(trace.traceId, answer),
    forget: (trace) => answers.delete(trace.traceId),
    close: () => closeNow(server),
  };
}
