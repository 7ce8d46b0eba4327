/** Whatever the twin does to a real proxy process: clients never know, and the process is as before when it is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { type HostileTwin, hostileTwin, MISDEEDS } from '../support/hostile-twin.ts';
import { CONCURRENCY, Ordeal } from '../support/ordeal.ts';
import { THING, thingsConfig } from '../support/steady-primary.ts';
import { startTcpGate, type TcpGate } from '../support/tcp-gate.ts';

const DRAIN_MS = 1_000;
/** Of a primary that does not answer: longer than any test. */
const HELD_MS = 1_200_000;
const CONFIG = `${thingsConfig()}
listen: { host: 127.0.0.1, drainMs: ${DRAIN_MS} }
twin:
  timeoutMs: 250
  connectTimeoutMs: 200
  concurrency: ${CONCURRENCY}
  bodyBytes: 1000000
  breaker: { openMs: 100, windowMs: 1000 }
verifier: { niceness: 0 }
`;

const SHOWS: Readonly<Record<string, string>> = {
  'hangs before its headers': 'headers_timeout',
  'hangs in the middle of its headers': 'headers_timeout',
  'hangs in the middle of its body': 'body_timeout',
  'sends a byte a second': 'body_timeout',
  'answers 500': 'status_5xx',
  'sends 200 MB': 'oversized',
  'sends a gzip bomb': 'oversized',
  'sends invalid JSON': 'bad_json',
  'sends invalid UTF-8': 'bad_utf8',
  'sends JSON nested 10,000 deep': 'too_deep',
  'sends corrupt gzip': 'bad_encoding',
  'resets before its headers': 'reset',
  'resets in the middle of its body': 'reset',
  'ends in the middle of its body': 'reset',
  'does not speak HTTP': 'protocol',
  'sends endless headers': 'protocol',
};

/** So many that most are asked before the adaptive limit is down to one. */
const HANGING = 30;

describe('faults of the twin, on a real process', () => {
  let twin: HostileTwin;
  let door: TcpGate;
  let on: Ordeal;

  before(async () => {
    twin = await hostileTwin(THING);
    door = await startTcpGate('127.0.0.1', Number(new URL(twin.url).port));
    on = await Ordeal.begin({
      environment: { SHADOWREAD_TWIN_URL: `http://127.0.0.1:${door.port}` },
      config: CONFIG,
    });
  });
  after(async () => {
    await on?.end();
    await door.close();
    await twin.close();
  });

  for (const name of Object.keys(MISDEEDS)) {
    it(`a twin that ${name}`, () =>
      on.suffer({
        name,
        shows: SHOWS[name] ?? '',
        allows: /^reset$/,
        requests: SHOWS[name]?.endsWith('_timeout') === true ? HANGING : 60,
        lowersLimit: SHOWS[name]?.endsWith('_timeout') === true,
        begin: () => {
          twin.misdeed = MISDEEDS[name] ?? null;
        },
        end: () => {
          twin.misdeed = null;
        },
      }));
  }

  it('a twin that refuses connections', () =>
    on.suffer({
      name: 'refuses connections',
      shows: 'refused',
      allows: /^reset$/,
      begin: () => door.set('gone'),
      end: () => door.set('open'),
    }));

  it('a twin that resets every connection', () =>
    on.suffer({ name: 'resets', shows: 'reset', begin: () => door.set('shut'), end: () => door.set('open') }));

  it('a twin whose machine accepts and then says nothing', () =>
    on.suffer({
      name: 'accepts and is silent',
      shows: 'headers_timeout',
      requests: HANGING,
      begin: () => door.set('stuck'),
      end: () => door.set('open'),
    }));

  it('a twin that does not even accept: the connect hangs', async function () {
    if (process.platform !== 'linux') this.skip();
    let silent: SilentListener | null = null;
    await on.suffer({
      name: 'hangs at connect',
      shows: 'connect_timeout',
      requests: HANGING,
      allows: /^(reset|refused)$/,
      begin: async () => {
        await door.set('gone');
        silent = await listenSilently(door.port);
      },
      end: async () => {
        await silent?.end();
        await door.set('open');
      },
    });
  });

  // The last, as this process ends here anyway.
  it('a primary that never answers, and SIGTERM: its clients are cut at the deadline of the drain, and it ends', async () => {
    on.primary.hold(HELD_MS);
    const held = on.primary.reads;
    const load = on.clients.drive({ clients: 2, requests: 2, untilRefused: true });
    await on.proxy.until(({ inFlight }) => inFlight > 0 && on.primary.reads > held);
    const began = performance.now();
    const status = await on.stop();
    const ms = performance.now() - began;
    await load;
    console.log(`      never answered: stopped in ${Math.round(ms)} ms with ${status}`);
    expect(status).to.equal(0);
    expect(ms).to.be.within(0.9 * DRAIN_MS, HELD_MS - 1);
  });
});

interface SilentListener {
  end(): Promise<void>;
}

/** A process that listens and has been stopped, its backlog full: Linux drops what knocks further. */
async function listenSilently(port: number): Promise<SilentListener> {
  const source = `require('net').createServer().listen({port:${port},host:'127.0.0.1',backlog:1},()=>console.log('up'))`;
  const child: ChildProcess = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  child.kill('SIGSTOP');
  const fillers: Socket[] = Array.from({ length: 4 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  });
  await new Promise((resolve) => fillers[0]?.once('connect', resolve));
  await new Promise((resolve) => fillers[1]?.once('connect', resolve));
  return {
    async end() {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
