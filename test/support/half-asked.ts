/** A request that a proxy has under way for as long as a test wants. */
import { once } from 'node:events';
import http from 'node:http';
import type { ProxyProcess } from './proxy-process.ts';
import { until } from './until.ts';

export interface HalfAsked {
  /** Sends the rest of it; resolves with the status of its answer, rejects where there is none. */
  finish(): Promise<number | undefined>;
}

/** Resolves once the proxy has it. Nothing else may be under way there. */
export async function halfAsked(proxy: ProxyProcess): Promise<HalfAsked> {
  const client = http.request(`${proxy.url}/slow`, { method: 'POST', headers: { 'Content-Length': '2' } });
  const answered = once(client, 'response');
  answered.catch(() => undefined);
  client.flushHeaders();
  await until(async () => (await requestsUnderWay(proxy)) === 1);
  return {
    async finish() {
      client.end('hi');
      const [answer] = await answered;
      answer.resume();
      return answer.statusCode;
    },
  };
}

/** As the metrics tell. */
export async function requestsUnderWay({ admin }: ProxyProcess): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  let sum = 0;
  for (const [, n] of text.matchAll(/^shadow_proxy_inflight(?:\{[^}]*\})? (\d+)$/gm)) sum += Number(n);
  return sum;
}
