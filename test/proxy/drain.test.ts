import { expect } from 'chai';
import { until } from '../support/until.ts';
import { Wire } from '../support/wire.ts';
import { openPair } from './transparency/kit.ts';
import { answerOf, send } from './transparency/same.ts';

const get = (name: string): string => `GET /${name} HTTP/1.1\r\nHost: a\r\nX-Script: ${name}\r\n\r\n`;

describe('closing the proxy', () => {
  it('lets answers under way finish, then ends their connections and resolves', async () => {
    const pair = await openPair();
    const { promise, resolve: goOn } = Promise.withResolvers<void>();
    const wait = { do: 'wait', for: promise } as const;
    pair.upstream.scripts.set('late', { steps: [wait, send(answerOf('200 OK', [], 'late'))] });
    pair.upstream.scripts.set('mid', {
      steps: [send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfir'), wait, send('st.')],
    });
    const late = new Wire(pair.proxyPort);
    const mid = new Wire(pair.proxyPort);
    const idle = new Wire(pair.proxyPort);
    late.send(get('late'));
    mid.send(get('mid'));
    await mid.sees('fir');
    await until(() => pair.proxy.inFlight === 2 && pair.upstream.connections.size === 2);
    const closed = pair.proxy.close({ deadlineMs: 600_000 });
    await idle.ends();
    goOn();
    await closed;
    await late.ends();
    await mid.ends();
    expect(late.text).to.match(/connection: close/i);
    expect(late.text).to.include('late');
    expect(mid.text).to.include('first.');
    expect(pair.gate.completed).to.equal(2);
    for (const wire of [late, mid, idle]) wire.socket.destroy();
    await pair.upstream.close();
  });

  it('answers all that came on a connection before it ends that, with answers of its own too', async () => {
    const pair = await openPair();
    const { promise, resolve: goOn } = Promise.withResolvers<void>();
    const wait = { do: 'wait', for: promise } as const;
    pair.upstream.scripts.set('late', { steps: [wait, send(answerOf('200 OK', [], 'late'))] });
    pair.upstream.scripts.set('next', { steps: [wait, send(answerOf('200 OK', [], 'next'))] });
    pair.upstream.scripts.set('none', { steps: [wait, { do: 'reset' }] });
    const both = new Wire(pair.proxyPort);
    const bad = new Wire(pair.proxyPort);
    both.send(get('late') + get('next'));
    bad.send(get('none'));
    await until(() => ['late', 'next', 'none'].every((name) => pair.upstream.asked.has(name)));
    const closed = pair.proxy.close({ deadlineMs: 600_000 });
    goOn();
    await closed;
    await both.ends();
    await bad.ends();
    expect(both.answers(['GET', 'GET']).map(({ body }) => body.toString())).to.deep.equal(['late', 'next']);
    for (const { text } of [both, bad]) expect(text.match(/connection: close/gi)?.length, text).to.equal(1);
    expect(bad.text).to.match(/^HTTP\/1.1 502 /);
    for (const wire of [both, bad]) wire.socket.destroy();
    await pair.upstream.close();
  });

  it('takes no new connections while it drains', async () => {
    const pair = await openPair();
    const { promise, resolve: goOn } = Promise.withResolvers<void>();
    pair.upstream.scripts.set('late', {
      steps: [{ do: 'wait', for: promise }, send(answerOf('200 OK', [], 'late'))],
    });
    const late = new Wire(pair.proxyPort);
    late.send(get('late'));
    await until(() => pair.upstream.asked.has('late'));
    const closed = pair.proxy.close({ deadlineMs: 600_000 });
    const refused = new Wire(pair.proxyPort);
    await refused.ends();
    expect(refused.text).to.equal('');
    goOn();
    await closed;
    await late.ends();
    expect(late.text).to.include('late');
    late.socket.destroy();
    await pair.upstream.close();
  });

  it('cuts what is left at the deadline, and those reads are skipped as shutdown', async () => {
    const pair = await openPair();
    pair.upstream.scripts.set('hang', { steps: [{ do: 'pause', ms: 60_000 }] });
    pair.upstream.scripts.set('drip', {
      steps: [send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome'), { do: 'pause', ms: 60_000 }],
    });
    const wires = ['hang', 'drip', 'hang'].map((name) => {
      const wire = new Wire(pair.proxyPort);
      wire.send(get(name));
      return wire;
    });
    await wires[1]?.sees('some');
    await until(() => pair.proxy.inFlight === 3);
    await pair.proxy.close({ deadlineMs: 60 });
    await until(() => pair.proxy.inFlight === 0);
    expect(pair.gate.skipped.get('shutdown')).to.equal(3);
    expect(pair.gate.ended).to.equal(pair.gate.admitted);
    for (const wire of wires) wire.socket.destroy();
    await pair.upstream.close();
  });

  it('with nothing under way resolves at once', async () => {
    const pair = await openPair();
    await pair.close();
    expect(pair.proxy.inFlight).to.equal(0);
  });
});
