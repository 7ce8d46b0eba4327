import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect } from 'chai';
import { until } from '../../support/until.ts';
import { Wire } from '../../support/wire.ts';
import { openPair, type Pair } from './kit.ts';
import { answerOf, expectSameCase, send } from './same.ts';

const OK = answerOf('200 OK', [], 'fine');

describe('transparency: pace, streams and connections', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
  });
  after(() => pair.close());

  const get = (name: string, more = ''): string =>
    `GET /${name} HTTP/1.1\r\nHost: a\r\nX-Script: ${name}\r\n${more}\r\n`;

  it('the head is there before any content is, and each piece before the next is sent', async () => {
    const wire = new Wire(pair.proxyPort);
    const steps = [send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n')];
    // The primary's connection is driven by hand from here on.
    pair.upstream.scripts.set('pace', { steps });
    const seen = new Set(pair.upstream.connections);
    wire.send(get('pace'));
    await wire.sees('Content-Length: 6');
    const primary =
      [...pair.upstream.connections].find((socket) => !seen.has(socket)) ?? [...pair.upstream.connections].at(-1);
    for (const piece of ['a', 'b', 'c', 'd', 'e', 'f']) {
      primary?.write(piece);
      await wire.sees(`${piece}`);
      await until(() => wire.text.endsWith(piece));
    }
    wire.socket.destroy();
  });

  for (const framing of ['Content-Length: 4', 'Transfer-Encoding: chunked'])
    it(`the head of a request goes before its content, which may wait for the answer (${framing})`, async () => {
      // The primary refuses by the head alone.
      pair.upstream.scripts.set('upload', { steps: [send(answerOf('401 Unauthorized', [], 'no'))] });
      const wire = new Wire(pair.proxyPort);
      wire.send(`POST /upload HTTP/1.1\r\nHost: a\r\nX-Script: upload\r\nX-Raw: \xe9\r\n${framing}\r\n\r\n`);
      await wire.sees('401 Unauthorized');
      wire.socket.destroy();
    });

  it('a byte is with the client before the primary sends the next one', async () => {
    const wire = new Wire(pair.proxyPort);
    const steps = ['a', 'b', 'c', 'd', 'e'].flatMap((piece) => [
      send(`1\r\n${piece}\r\n`),
      { do: 'wait', for: until(() => wire.text.includes(`1\r\n${piece}\r\n`)) } as const,
    ]);
    pair.upstream.scripts.set('slow', {
      steps: [send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), ...steps, send('0\r\n\r\n')],
    });
    wire.send(get('slow'));
    await wire.sees('0\r\n\r\n');
    wire.socket.destroy();
  });

  it('server-sent events pass one by one, and the read is let go at the head', async () => {
    const before = pair.gate.skipped.get('unsupported_media') ?? 0;
    pair.upstream.scripts.set('sse', {
      steps: [
        send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'),
        send('d\r\ndata: first\n\n\r\n'),
        { do: 'pause', ms: 30 },
        send('e\r\ndata: second\n\n\r\n'),
      ],
    });
    const wire = new Wire(pair.proxyPort);
    wire.send(get('sse'));
    await wire.sees('data: first');
    expect(pair.gate.skipped.get('unsupported_media')).to.equal(before + 1);
    await wire.sees('data: second');
    wire.socket.destroy();
    await until(() => pair.proxy.inFlight === 0);
  });

  it('a client that sends its request byte by byte is answered', async () => {
    pair.upstream.scripts.set('loris', { steps: [send(OK)] });
    const wire = new Wire(pair.proxyPort);
    for (const char of get('loris')) {
      wire.send(char);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await wire.sees('fine');
    wire.socket.destroy();
  });

  it('two hundred clients that never end their head delay nobody, and the primary hears nothing of them', async () => {
    pair.upstream.scripts.set('quick', { steps: [send(OK)] });
    const known = pair.upstream.connections.size;
    const slow = Array.from({ length: 200 }, () => new Wire(pair.proxyPort));
    for (const wire of slow) wire.send('GET /never HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    for (let turn = 0; turn < 20; turn += 1) {
      for (const wire of slow) wire.send('s');
      const wire = new Wire(pair.proxyPort);
      wire.send(get('quick'));
      await wire.sees('fine');
      wire.socket.destroy();
    }
    expect(pair.upstream.connections.size).to.be.at.most(known + 20);
    await until(() => pair.proxy.inFlight === 0);
    expect(slow.every((wire) => !wire.closed && wire.text === '')).to.equal(true);
    for (const wire of slow) wire.socket.destroy();
  });

  for (const when of ['before the head', 'in the content'] as const) {
    it(`a client that leaves ${when} ends the primary's work and its read, once`, async () => {
      const before = pair.gate.skipped.get('client_aborted') ?? 0;
      const started = when === 'before the head' ? '' : 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome';
      pair.upstream.scripts.set('leave', { steps: started === '' ? [{ do: 'pause', ms: 60_000 }] : [send(started)] });
      const wire = new Wire(pair.proxyPort);
      const known = new Set(pair.upstream.connections);
      wire.send(get('leave'));
      if (started === '') await until(() => pair.proxy.inFlight === 1 && pair.upstream.asked.has('leave'));
      else await wire.sees('some');
      const used = [...pair.upstream.connections].filter((socket) => !known.has(socket));
      wire.socket.resetAndDestroy();
      await until(() => pair.proxy.inFlight === 0);
      expect(pair.gate.skipped.get('client_aborted')).to.equal(before + 1);
      await until(() => used.every((socket) => socket.destroyed || socket.readableEnded));
      pair.upstream.asked.delete('leave');
    });
  }

  for (const shortWay of [true, false]) {
    it(`a client that takes no interim answers holds up the primary, and gets them all in the end (short way: ${shortWay})`, async () => {
      const hint = Buffer.from(`HTTP/1.1 103 Early Hints\r\nX-Pad: ${'x'.repeat(16_000)}\r\n\r\n`);
      const hints = 4_000;
      let sent = 0;
      const primary = createServer((socket) => {
        const sendOn = (): void => {
          while (sent < hints) {
            sent += 1;
            if (!socket.write(hint)) return;
          }
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        };
        socket.once('data', sendOn);
        socket.on('drain', sendOn);
        socket.on('error', () => {});
      }).listen(0, '127.0.0.1');
      await once(primary, 'listening');
      const held = await openPair({ primary: `http://127.0.0.1:${(primary.address() as AddressInfo).port}`, shortWay });
      const client = connect(held.proxyPort, '127.0.0.1');
      client.pause();
      client.write('GET /hints HTTP/1.1\r\nHost: a\r\n\r\n');
      // What the system holds on the way is less than half of it.
      await until(async () => {
        const before = sent;
        await new Promise((resolve) => setTimeout(resolve, 400));
        return sent === before && sent > 0;
      });
      expect(sent).to.be.below(hints / 2);
      let bytes = 0;
      let tail = '';
      client.on('data', (chunk) => {
        bytes += chunk.length;
        tail = (tail + chunk.toString('latin1')).slice(-100);
      });
      client.resume();
      await until(() => tail.endsWith('\r\nok'));
      expect(bytes).to.be.within(hints * hint.length, hints * hint.length + 200);
      client.destroy();
      await held.close();
      primary.close();
    });
  }

  it('pipelined reads are answered in order, whichever answer comes first', async () => {
    pair.upstream.scripts.set('p1', { steps: [{ do: 'pause', ms: 40 }, send(answerOf('200 OK', [], 'one'))] });
    pair.upstream.scripts.set('p2', { steps: [send(answerOf('200 OK', [], 'two'))] });
    pair.upstream.scripts.set('p3', {
      steps: [send('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), send(answerOf('200 OK', [], 'three'))],
    });
    const wire = new Wire(pair.proxyPort);
    wire.send(get('p1') + get('p2') + get('p3'));
    await wire.sees('three');
    const answers = wire.answers(['GET', 'GET', 'GET']);
    expect(answers.map((answer) => answer.body.toString())).to.deep.equal(['one', 'two', 'three']);
    expect(answers.map((answer) => answer.interims.length)).to.deep.equal([0, 0, 1]);
    wire.socket.destroy();
  });

  it('a pipelined read does not overtake the write before it', async () => {
    const order: string[] = [];
    pair.upstream.scripts.set('w', { steps: [{ do: 'pause', ms: 40 }, send(answerOf('201 Created', [], 'written'))] });
    pair.upstream.scripts.set('r', { steps: [send(answerOf('200 OK', [], 'read'))] });
    pair.upstream.asked.clear();
    const wire = new Wire(pair.proxyPort);
    wire.send(`POST /w HTTP/1.1\r\nHost: a\r\nX-Script: w\r\nContent-Length: 2\r\n\r\nhi${get('r')}`);
    await wire.sees('written');
    order.push(...pair.upstream.asked.keys());
    await wire.sees('read');
    expect(order[0]).to.equal('w');
    expect([...pair.upstream.asked.keys()]).to.deep.equal(['w', 'r']);
    wire.socket.destroy();
  });

  it('a client that leaves with pipelined requests under way leaves nothing behind', async () => {
    pair.upstream.scripts.set('hang', { steps: [{ do: 'pause', ms: 60_000 }] });
    const admitted = pair.gate.admitted;
    const wire = new Wire(pair.proxyPort);
    wire.send(
      get('hang') +
        get('hang') +
        `POST /hang HTTP/1.1\r\nHost: a\r\nX-Script: hang\r\nContent-Length: 0\r\n\r\n${get('hang')}`,
    );
    await until(() => pair.proxy.inFlight === 4);
    wire.socket.resetAndDestroy();
    await until(() => pair.proxy.inFlight === 0);
    expect(pair.gate.admitted - admitted, 'the read behind the write never began').to.be.within(2, 3);
    expect(pair.gate.ended).to.equal(pair.gate.admitted);
  });

  it('a client that ends its side before the content of a pipelined upgrade leaves nothing behind', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    pair.upstream.scripts.set('first', { steps: [{ do: 'wait', for: promise }, send(OK)] });
    pair.upstream.scripts.set('other', { steps: [send(OK)] });
    const wire = new Wire(pair.proxyPort);
    const upgrade = 'Connection: Upgrade\r\nUpgrade: made-up/2\r\nContent-Length: 5\r\n\r\n';
    wire.socket.end(`${get('first')}GET /up HTTP/1.1\r\nHost: a\r\nX-Script: first\r\n${upgrade}`);
    await until(() => pair.proxy.inFlight === 2);
    // By then the proxy has seen the end of the first connection too.
    const other = new Wire(pair.proxyPort);
    other.send(get('other'));
    await other.sees('fine');
    other.socket.destroy();
    resolve();
    await wire.sees('fine');
    await wire.ends();
    await until(() => pair.proxy.inFlight === 0);
    wire.socket.destroy();
  });

  it('Connection: close is kept, and a connection without it stays open', async () => {
    pair.upstream.scripts.set('c', { steps: [send(OK)] });
    const closing = new Wire(pair.proxyPort);
    closing.send(get('c', 'Connection: close\r\n'));
    await closing.ends();
    expect(closing.text).to.match(/connection: close/i);
    const open = new Wire(pair.proxyPort);
    open.send(get('c'));
    await open.sees('fine');
    open.text = '';
    open.send(get('c'));
    await open.sees('fine');
    expect(open.closed).to.equal(false);
    open.socket.destroy();
    closing.socket.destroy();
  });

  it('a client that ends its side after the request still gets its answer', async () => {
    pair.upstream.scripts.set('half', { steps: [{ do: 'pause', ms: 20 }, send(OK)] });
    const wire = new Wire(pair.proxyPort);
    wire.socket.end(get('half'));
    await wire.sees('fine');
    await wire.ends();
    wire.socket.destroy();
  });

  it('a slow client gets every byte of an answer that broke off meanwhile', async () => {
    const body = Buffer.alloc(3 * 1024 * 1024, 'slow client ');
    const { proxied } = await expectSameCase(pair, { start: 'GET /x HTTP/1.1' }, [
      send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length + 1}\r\n\r\n`),
      send(body),
      { do: 'fin' },
    ]);
    expect(proxied.end).to.equal('cut');
    expect(proxied.body.length).to.equal(body.length);
  });
});
