/** A collector that only listens: keeps the spans of every OTLP/HTTP JSON body it is sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string | number | boolean>>;
  }[];
  readonly status: { readonly code?: number };
  readonly resource: Readonly<Record<string, string | number | boolean>>;
}

export interface OtlpCollector {
  readonly url: string;
  readonly spans: readonly OtlpSpan[];
  /** Raw bodies, for those who look for what must not be in them. */
  readonly bodies: readonly string[];
  /** Status to answer from now on; `hang` answers nothing. */
  answer(status: number | 'hang'): void;
  close(): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string | number;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}

const plain = (attributes: readonly Attribute[] = []): Record<string, string | number | boolean> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  );

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: OtlpSpan[] = [];
  const bodies: string[] = [];
  let status: number | 'hang' = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (status === 'hang') return;
      const body = Buffer.concat(chunks).toString();
      bodies.push(body);
      if (status === 200 && request.url === '/v1/traces') {
        for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
          for (const scope of scopeSpans) {
            for (const span of scope.spans) {
              spans.push({
                ...span,
                attributes: plain(span.attributes),
                events: (span.events ?? []).map((event: { name: string; attributes?: Attribute[] }) => ({
                  name: event.name,
                  attributes: plain(event.attributes),
                })),
                resource: plain(resource.attributes),
              });
            }
          }
        }
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    answer: (next) => {
      status = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
