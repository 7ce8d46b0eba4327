/**
 * Upgrades of any protocol, answered exactly: httpxy cuts all but WebSocket, and rewrites the fields of the answer. A
 * request with Upgrade travels like any other, with its offer; only after a 101 it becomes a tunnel, whose bytes are not
 * inspected.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pairsOf, withoutControl } from '../base/fields.ts';
import { refuseClient } from './client-error.ts';
import { settle } from './closing.ts';
import { attemptFailed, ignore } from './ending.ts';
import { HeldConnection, type HoldOptions } from './held-connection.ts';
import type { Passage } from './passage.ts';

/** Takes over a connection that Node has released; null where its request is refused as not HTTP. */
export function holdConnection(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  options: HoldOptions,
): HeldConnection | null {
  // One, however often this connection comes here.
  client.off('error', ignore);
  client.on('error', ignore);
  if (!(client instanceof Socket)) {
    client.destroy();
    return null;
  }
  try {
    return new HeldConnection(request, client, head, options);
  } catch (thrown) {
    refuseClient(thrown instanceof Error ? thrown : new Error('the request cannot be read'), client);
    return null;
  }
}

interface Switched {
  readonly sideAnswer: IncomingMessage;
  /** The connection to the primary, and what it brought behind the 101. */
  readonly side: Duplex;
  readonly sideHead: Buffer;
}

/** The primary answered 101. Where nothing was offered, or the request has not come to its end, there is no answer behind it. */
export function switchProtocols(passage: Passage, sideRequest: ClientRequest, switched: Switched): void {
  const { client, front, held, side: asked } = passage;
  if (asked === 'twin' || held === null || held.offered.length === 0) {
    switched.side.destroy();
    attemptFailed(passage, new Error('101 without an upgrade'), null);
    return;
  }
  if (!passage.request.complete || !sideRequest.writableEnded) {
    switched.side.destroy();
    attemptFailed(passage, new Error('101 before the end of the request'), null);
    return;
  }
  held.letGo();
  front.tunnels.add(client);
  client.on('close', () => front.tunnels.delete(client));
  // No content that could be compared, and no end to wait for.
  passage.tap?.skip('unsupported_media');
  settle(passage);
  join(client, switched, front.options.timeouts.silentMs);
}

/** `silentMs`: how long nothing may pass once the primary has ended its side. */
function join(client: Socket, { sideAnswer, side, sideHead }: Switched, silentMs: number): void {
  // Either end may close its direction and still be told something.
  side.allowHalfOpen = true;
  side.on('end', () => {
    if (side instanceof Socket) side.setTimeout(silentMs, () => side.destroy());
  });
  side.on('error', () => client.destroy());
  client.on('error', () => side.destroy());
  client.on('close', () => side.destroy());
  side.on('close', () => {
    // What the client still sends nobody takes, so that its end, behind that, would never be seen.
    if (client.writableEnded) client.destroySoon();
    else client.destroy();
  });
  if (client.destroyed) {
    side.destroy();
    return;
  }
  let lines = `HTTP/1.1 101 ${sideAnswer.statusMessage ?? ''}\r\n`;
  for (const [name, value] of pairsOf(withoutControl(sideAnswer.rawHeaders))) lines += `${name}: ${value}\r\n`;
  client.write(`${lines}\r\n`, 'latin1');
  if (sideHead.length > 0) client.write(sideHead);
  side.pipe(client);
  client.pipe(side);
}
