/** A deliberately difficult upstream over raw sockets: it sends what its scripts say, byte for byte, and notes what it was asked. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Head, MessageReader, type SeenMessage, valuesOf } from './raw-http.ts';

export type Step =
  | { readonly do: 'send'; readonly bytes: Buffer }
  /** Lets the event loop turn, or so many milliseconds pass. */
  | { readonly do: 'pause'; readonly ms: number }
  /** Waits for an event of the test. */
  | { readonly do: 'wait'; readonly for: Promise<void> }
  /** Waits until the request's content has come. */
  | { readonly do: 'await-body' }
  | { readonly do: 'fin' }
  | { readonly do: 'reset' };

export interface Script {
  readonly steps: readonly Step[];
}

export interface ScriptedUpstream {
  readonly port: number;
  readonly scripts: Map<string, Script>;
  /** What was asked, by script. */
  readonly asked: Map<string, SeenMessage[]>;
  /** The same as it came: the head's bytes. */
  readonly connections: Set<Socket>;
  close(): Promise<void>;
}

/** The script of a request is named by its `X-Script` field, or by its target where it has none. */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const scripts = new Map<string, Script>();
  const asked = new Map<string, SeenMessage[]>();
  const connections = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => {});
    serve(socket, scripts, asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    scripts,
    asked,
    connections,
    close() {
      for (const socket of connections) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function serve(socket: Socket, scripts: Map<string, Script>, asked: Map<string, SeenMessage[]>): void {
  let reader: MessageReader;
  let running: Promise<void> = Promise.resolve();
  let bodyCame = (): void => {};
  const next = (rest: Buffer): void => {
    reader = new MessageReader('request');
    const body = new Promise<void>((resolve) => {
      bodyCame = resolve;
    });
    reader.onHead = (head) => {
      const script = scripts.get(scriptOf(head));
      running = running.then(() => run(socket, script ?? UNKNOWN, body));
    };
    if (rest.length > 0) take(rest);
  };
  const take = (chunk: Buffer): void => {
    reader.push(chunk);
    if (!reader.done) return;
    const seen = reader.result();
    if (seen.head !== null) {
      const name = scriptOf(seen.head);
      asked.set(name, [...(asked.get(name) ?? []), seen]);
    }
    bodyCame();
    if (seen.end === 'complete') next(Buffer.from(reader.rest));
  };
  next(Buffer.alloc(0));
  socket.on('data', take);
  socket.on('end', () => {
    bodyCame();
    void running.then(() => socket.end());
  });
  socket.on('close', () => bodyCame());
}

const UNKNOWN: Script = {
  steps: [{ do: 'send', bytes: Buffer.from('HTTP/1.1 500 No Such Script\r\nContent-Length: 0\r\n\r\n') }],
};

function scriptOf(head: Head): string {
  return valuesOf(head.fields, 'x-script')[0] ?? head.startLine.split(' ')[1] ?? '';
}

async function run(socket: Socket, script: Script, body: Promise<void>): Promise<void> {
  for (const step of script.steps) {
    if (socket.destroyed) return;
    switch (step.do) {
      case 'send':
        if (!socket.write(step.bytes)) await drained(socket);
        break;
      case 'wait':
        await step.for;
        break;
      case 'pause':
        await new Promise<void>((resolve) => (step.ms === 0 ? setImmediate(resolve) : setTimeout(resolve, step.ms)));
        break;
      case 'await-body':
        await body;
        break;
      case 'fin':
        socket.end();
        // The other end may take its time; ours is over.
        socket.resume();
        return;
      case 'reset':
        socket.resetAndDestroy();
        return;
    }
  }
}

function drained(socket: Socket): Promise<void> {
  return either(socket, 'drain');
}

/** Leaves no listener behind: a connection serves thousands of scripts. */
function either(socket: Socket, event: 'drain'): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off(event, settle);
      socket.off('close', settle);
      resolve();
    };
    socket.on(event, settle);
    socket.on('close', settle);
  });
}
