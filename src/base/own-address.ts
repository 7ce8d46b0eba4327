/** Whether an address is this process's own: a proxy or sink that were its own primary would ask itself for ever. */
import { lookup } from 'node:dns/promises';
import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { ShadowError } from '../errors.ts';
import { listenOn } from './listening.ts';
import { plainAddress } from './plain-address.ts';

/** Where a front of ours listens. */
export interface OwnAddress {
  /** In messages: `proxy`, `sink`. */
  readonly front: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Lets a front listen, unless one of the sides is the front itself. `sides`: their names and URLs. Resolves with the port.
 * @throws ShadowError SHADOW_CONFIG for such a side, and what `listenOn` throws
 */
export async function listenApart(
  server: Server,
  { front, host, port }: OwnAddress,
  sides: readonly (readonly [side: string, url: string])[],
): Promise<number> {
  const own = await listenOn(server, port, host, { what: `the ${front}`, example: 'SHADOWREAD_PORT=8081' });
  try {
    await Promise.all(sides.map(([side, url]) => refuseOwnAddress(side, url, { front, host, port: own })));
  } catch (error) {
    server.close();
    throw error;
  }
  return own;
}

/** @throws ShadowError SHADOW_CONFIG where the side's URL leads to where we listen */
export async function refuseOwnAddress(side: string, url: string, own: OwnAddress): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const reached = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  if (reached !== own.port || !(await leadsTo(own.host, hostname.replace(/^\[|\]$/g, '')))) return;
  throw new ShadowError('SHADOW_CONFIG', `the ${side} is the ${own.front} itself`, {
    expected: `${side}.url: the address of the API, not the one that the ${own.front} listens at`,
    actual: url,
    example: `${side}: { url: http://api.internal:3000 }`,
  });
}

/** A name that cannot be resolved is not this machine: a request to it fails and reports the name. */
async function leadsTo(listened: string, host: string): Promise<boolean> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const reached = found.map(({ address }) => plainAddress(address));
  if (isLoopback(listened)) return reached.some((address) => isLoopback(address) || isAny(address));
  if (!isAny(listened)) return reached.includes(plainAddress(listened));
  const own = new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)));
  return reached.some((address) => own.has(address) || isLoopback(address) || isAny(address));
}

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address === 'localhost';
const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';
