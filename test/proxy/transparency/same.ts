/** The one comparison of the suite: an exchange asked directly and through the proxy, as client and primary notice it. */
import { expect } from 'chai';
import { noticed } from '../../support/noticed.ts';
import { RawClient, type SeenMessage, statusOf } from '../../support/raw-http.ts';
import type { Step } from '../../support/scripted-upstream.ts';
import { noticedRequest, owed, type Pair } from './kit.ts';
import type { Exchange } from './scripts.ts';

export interface Clients {
  readonly direct: RawClient;
  readonly through: RawClient;
}

/** Returns both answers, for what a case has to say beside their being the same. */
export async function expectSame(
  pair: Pair,
  { direct, through }: Clients,
  name: string,
  exchange: Exchange,
): Promise<{ readonly plain: SeenMessage; readonly proxied: SeenMessage }> {
  const { upstream } = pair;
  upstream.scripts.set(name, exchange.script);
  const plain = await direct.ask(exchange.request, exchange.method, exchange.later);
  const plainRequest = noticedRequest(upstream.asked.get(name)?.at(-1));
  upstream.asked.delete(name);
  const proxied = await through.ask(exchange.request, exchange.method, exchange.later);
  const proxiedRequest = noticedRequest(upstream.asked.get(name)?.at(-1));
  upstream.asked.delete(name);
  upstream.scripts.delete(name);
  const told = `${name}\n${shown(exchange.request)}\n${exchange.script.steps.map(stepToText).join('\n')}`;
  const due = owed(plain);
  if (due === 'gateway') {
    expect(proxied.head === null ? null : statusOf(proxied.head), told).to.equal(502);
    if (exchange.method !== 'HEAD') expect(proxied.body.toString(), told).to.include('"code":"SHADOW_PRIMARY"');
    expect(noticed(proxied).interims, told).to.deep.equal(noticed(plain).interims);
  } else expect(noticed(proxied), told).to.deep.equal(due);
  expect(proxiedRequest, `${told}\nas the primary was asked`).to.deep.equal(plainRequest);
  return { plain, proxied };
}

function stepToText(step: Step): string {
  return step.do === 'send' ? shown(step.bytes) : step.do;
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1').slice(0, 500));
}

let sequence = 0;

/** One named case on connections of its own: a request's lines (without Host and X-Script) and an answer's bytes. */
export async function expectSameCase(
  pair: Pair,
  request: {
    readonly start: string;
    readonly fields?: readonly string[];
    readonly body?: string;
    readonly later?: string;
  },
  answer: string | Buffer | readonly Step[],
): Promise<{ readonly plain: SeenMessage; readonly proxied: SeenMessage }> {
  const name = `case${sequence++}`;
  const lines = [request.start, 'Host: example.test', `X-Script: ${name}`, ...(request.fields ?? [])];
  const clients = { direct: new RawClient(pair.upstream.port), through: new RawClient(pair.proxyPort) };
  const steps: readonly Step[] =
    typeof answer === 'string' || Buffer.isBuffer(answer)
      ? [{ do: 'await-body' }, { do: 'send', bytes: bytesOf(answer) }]
      : answer;
  try {
    return await expectSame(pair, clients, name, {
      method: request.start.split(' ')[0] ?? 'GET',
      request: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${request.body ?? ''}`, 'latin1'),
      later: request.later === undefined ? null : Buffer.from(request.later, 'latin1'),
      script: { steps },
    });
  } finally {
    clients.direct.close();
    clients.through.close();
  }
}

export function bytesOf(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
}

export function send(text: string | Buffer): Step {
  return { do: 'send', bytes: bytesOf(text) };
}

export function answerOf(status: string, fields: readonly string[], body: string | Buffer = ''): Buffer {
  const content = bytesOf(body);
  const head = [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${content.length}`];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content]);
}
