import { expect } from 'chai';
import type { ProxyOptions } from '../../src/proxy/options.ts';
import { until } from '../support/until.ts';
import { gatherWarnings } from '../support/warnings.ts';
import { Wire } from '../support/wire.ts';
import { ANY_ROUTE, openPair, type Pair } from './transparency/kit.ts';
import { answerOf, send } from './transparency/same.ts';

const OK = answerOf('200 OK', [], 'fine');
const BROKEN = send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
const get = (name: string): string => `GET /${name} HTTP/1.1\r\nHost: a\r\n\r\n`;
const post = (name: string): string => `POST /${name} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi`;

describe('requests that wait behind another on their connection', () => {
  let pair: Pair;
  let wire: Wire;
  let goOn: () => void;
  afterEach(async () => {
    goOn();
    wire.socket.destroy();
    await pair.close();
  });

  /** A primary whose answer to /first waits for `goOn`. */
  async function open(options: Partial<ProxyOptions> = {}): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    goOn = resolve;
    pair = await openPair(options);
    const first = [{ do: 'wait', for: promise }, send(OK)] as const;
    pair.upstream.scripts.set('/first', { steps: first });
    pair.upstream.scripts.set('/broken', { steps: [BROKEN, { do: 'fin' }] });
    pair.upstream.scripts.set('/next', { steps: [send(answerOf('200 OK', [], 'next'))] });
    wire = new Wire(pair.proxyPort);
  }

  /** True where the proxy holds as much for its client as it will. */
  const stalled = (): boolean =>
    pair.proxy.underWay().some((line) => Number(/(\d+) bytes unwritten/.exec(line)?.[1]) >= 65_536);

  for (const shortWay of [true, false]) {
    const way = shortWay ? 'the short way' : 'the long way';
    it(`an answer that breaks off behind another is cut when its turn has come, on ${way}`, async () => {
      await open({ shortWay });
      wire.send(get('first') + get('broken'));
      await until(() => pair.gate.skipped.get('primary_error') === 1);
      // Comes after that, and must not be the one that everything waits for.
      wire.send(get('next'));
      await until(() => pair.upstream.asked.has('/next'));
      goOn();
      await wire.ends();
      const [first, broken] = wire.answers(['GET', 'GET']);
      expect(first?.body.toString()).to.equal('fine');
      expect([broken?.body.toString(), broken?.end]).to.deep.equal(['half', 'cut']);
      await until(() => pair.proxy.inFlight === 0);
    });
  }

  it('are not sent on where the answer before them was cut', async () => {
    const known: string[] = [];
    await open({
      match: (_method, target) => {
        known.push(target);
        return ANY_ROUTE;
      },
    });
    wire.send(post('broken') + get('next'));
    await wire.sees('half');
    await wire.ends();
    await until(() => pair.proxy.inFlight === 0);
    expect(known).to.deep.equal(['/broken']);
  });

  it('and have an answer that is an event stream leave a client that has ended its side the answer before', async () => {
    await open();
    // The watch looks every half second.
    pair.upstream.scripts.set('/first', { steps: [{ do: 'pause', ms: 1_400 }, send(OK)] });
    pair.upstream.scripts.set('/events', {
      steps: [send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')],
    });
    wire.socket.end(get('first') + get('events'));
    await wire.ends();
    expect(wire.text).to.include('fine');
    await until(() => pair.proxy.inFlight === 0);
  });

  it('and that break off leave the answer before to come while the proxy closes', async () => {
    await open();
    const idle = new Wire(pair.proxyPort);
    wire.send(`${get('first')}POST /next HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`);
    await until(() => pair.proxy.inFlight === 1 && pair.upstream.asked.has('/first'));
    const closed = pair.proxy.close({ deadlineMs: 600_000 });
    await idle.ends();
    goOn();
    await wire.ends();
    expect(wire.text).to.include('fine');
    await closed;
    idle.socket.destroy();
  });

  for (const [what, request] of [
    ['reads', get('next')],
    ['writes', post('next')],
    ['offers', 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: made-up/2\r\n\r\n'],
  ] as const) {
    it(`or behind each other, ${what}, leave no listeners behind for each of them`, async () => {
      await open();
      const warnings = gatherWarnings();
      wire.send(request.repeat(24));
      await until(() => wire.text.split('next').length === 25);
      await until(() => pair.proxy.inFlight === 0);
      expect(warnings()).to.deep.equal([]);
    });
  }

  it('and what is no HTTP behind them is refused once, in however many pieces it comes', async () => {
    await open();
    wire.send(`${get('first')}no\r\n`);
    await until(() => pair.upstream.asked.has('/first'));
    const warnings = gatherWarnings();
    const other = new Wire(pair.proxyPort);
    for (let piece = 0; piece < 12; piece += 1) {
      wire.send('HTTP\r\n');
      // By its answer, that piece has been read.
      other.text = '';
      other.send(get('next'));
      await other.sees('next');
    }
    goOn();
    await wire.ends();
    expect(wire.text.split('HTTP/1.1 400').length).to.equal(2);
    expect(warnings()).to.deep.equal([]);
    other.socket.destroy();
  });

  it('keep their interim answers, in order, and hold a side that sends more of them than a head may have bytes', async () => {
    await open({ limits: { headBytes: 16 * 1024 } });
    const hint = (nth: number): string =>
      `HTTP/1.1 103 Early Hints\r\nX-Nth: ${nth}\r\nX-Pad: ${'x'.repeat(980)}\r\n\r\n`;
    const hints = Array.from({ length: 4_000 }, (_, nth) => hint(nth)).join('');
    pair.upstream.scripts.set('/next', { steps: [send(hints), send(answerOf('200 OK', [], 'next'))] });
    const warnings = gatherWarnings();
    wire.send(get('first') + get('next'));
    await until(() => pair.proxy.underWay().some((line) => line.includes('held up by its client')));
    goOn();
    await wire.sees('next');
    const interims = wire.answers(['GET', 'GET'])[1]?.interims ?? [];
    expect(interims.length).to.equal(4_000);
    expect(interims.map(({ fields }) => fields[0]?.[1])).to.deep.equal(interims.map((_, nth) => String(nth)));
    expect(warnings()).to.deep.equal([]);
  });

  it('with an offer get their whole content, whatever the answer before them filled', async () => {
    await open();
    // More than the system keeps for a client that does not read, and more than Node keeps.
    pair.upstream.scripts.set('/huge', { steps: [send(answerOf('200 OK', [], 'x'.repeat(6 * 1024 * 1024)))] });
    pair.upstream.scripts.set('/large', { steps: [send(answerOf('200 OK', [], 'x'.repeat(300_000)))] });
    pair.upstream.scripts.set('/up', { steps: [{ do: 'await-body' }, send(answerOf('426 No', [], 'kept'))] });
    wire.socket.pause();
    wire.send(get('huge'));
    await until(stalled);
    const content = 'c'.repeat(300_000);
    const offer = 'Connection: Upgrade\r\nUpgrade: made-up/2\r\n';
    const up = `POST /up HTTP/1.1\r\nHost: a\r\n${offer}Content-Length: ${content.length}\r\n\r\n${content}`;
    wire.send(get('large') + up);
    await until(() => pair.proxy.inFlight === 3);
    let tail = '';
    wire.socket.removeAllListeners('data');
    wire.socket.on('data', (chunk) => {
      tail = (tail + chunk.toString('latin1')).slice(-1_000);
    });
    wire.socket.resume();
    await until(() => tail.includes('kept'));
    expect(pair.upstream.asked.get('/up')?.[0]?.body.length).to.equal(content.length);
  });

  it('do not hide that their client has left, though its connection is not read', async () => {
    await open({ shortWay: false });
    pair.upstream.scripts.set('/large', { steps: [send(answerOf('200 OK', [], 'x'.repeat(900_000)))] });
    wire.send(get('first') + get('large'));
    await until(() => pair.proxy.underWay().some((line) => /^GET \/large .*answered .*paused/.test(line)));
    // Node stops reading at the request that comes behind so much of an answer that waits.
    wire.send(get('next'));
    await until(() => pair.proxy.inFlight === 3);
    wire.socket.resetAndDestroy();
    await until(() => pair.proxy.inFlight === 0);
  });
});
