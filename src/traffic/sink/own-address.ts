/** Whether an address is this process's own: a sink that were its own primary would ask itself for ever. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { plainAddress } from '../../base/plain-address.ts';
import { ShadowError } from '../../errors.ts';

/** @throws ShadowError SHADOW_CONFIG where the side is reached at the sink's own port on this machine */
export async function refuseOwnAddress(side: string, url: string, port: number): Promise<void> {
  const { hostname, port: sidePort, protocol } = new URL(url);
  const reached = sidePort === '' ? (protocol === 'https:' ? 443 : 80) : Number(sidePort);
  if (reached !== port || !(await isHere(hostname.replace(/^\[|\]$/g, '')))) return;
  throw new ShadowError('SHADOW_CONFIG', `the ${side} is the sink itself`, {
    expected: `${side}.url: the address of the API, not the one that the gateway mirrors to`,
    actual: url,
    example: `${side}: { url: http://api.internal:3000 }`,
  });
}

/** A name that cannot be resolved is not this machine: a request to it fails and reports the name. */
async function isHere(host: string): Promise<boolean> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const own = new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)));
  return found
    .map(({ address }) => plainAddress(address))
    .some((address) => own.has(address) || isLoopback(address) || address === '0.0.0.0' || address === '::');
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
