/**
 * Which requests claim to be shadow reads, and which claims are believed. A believed one is not verified, so that two
 * proxies that ask each other do not loop for ever. A client could use the claim to hide a route from the gate: so only a
 * few senders are believed, and claims are counted by caller.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { RequestFields } from '../base/fields.ts';
import { type LoopFigures, mostOf } from '../base/loop-figures.ts';
import { plainAddress } from '../base/plain-address.ts';

export interface LoopTrust {
  /** Peers whose X-Shadow-Read is believed: this machine, nobody, or addresses and networks (`10.1.0.0/16`). */
  readonly trust: 'loopback' | 'nobody' | readonly string[];
  /** Value of X-Shadow-Loop that proves a shadow read of ours, wherever it comes from; null: there is none. */
  readonly secret: string | null;
  /** Key of the hashes that stand for callers; processes whose figures are summed need the same. */
  readonly key?: Uint8Array;
}

/** Callers kept: one that claims often stays, however many claim once. */
const KEPT = 256;

interface Kept {
  readonly address: string;
  readonly caller: string | null;
  believed: number;
  doubted: number;
}

export class LoopClaims {
  readonly #trusted: BlockList;
  readonly #secret: Buffer | null;
  readonly #key: Uint8Array;
  readonly #callers = new Map<string, Kept>();
  #believed = 0;
  #doubted = 0;

  constructor({ trust, secret, key }: LoopTrust) {
    this.#trusted = trustedPeers(trust);
    this.#secret = secret === null ? null : digestOf(secret);
    this.#key = key ?? randomBytes(32);
  }

  /** True if the claim of this request is believed. */
  believes(address: string, fields: Pick<RequestFields, 'loopToken'>): boolean {
    const { loopToken } = fields;
    if (this.#secret !== null && loopToken !== null && timingSafeEqual(digestOf(loopToken), this.#secret)) return true;
    const plain = plainAddress(address);
    return isIPv6(plain) ? this.#trusted.check(plain, 'ipv6') : isIPv4(plain) && this.#trusted.check(plain, 'ipv4');
  }

  /** A read of a known route said that it was a shadow read. */
  count(address: string, credentials: string, believed: boolean): void {
    const caller =
      credentials === '' ? null : createHmac('sha256', this.#key).update(credentials).digest('hex').slice(0, 12);
    const name = `${address} ${caller ?? ''}`;
    const kept = this.#callers.get(name) ?? this.#remember(name, plainAddress(address), caller);
    if (believed) {
      this.#believed += 1;
      kept.believed += 1;
    } else {
      this.#doubted += 1;
      kept.doubted += 1;
    }
  }

  /** Replaces the caller with the fewest claims and takes over its count, so that a frequent caller is never forgotten. */
  #remember(name: string, address: string, caller: string | null): Kept {
    const kept: Kept = { address, caller, believed: 0, doubted: 0 };
    if (this.#callers.size >= KEPT) {
      let least: [string, Kept] | null = null;
      for (const entry of this.#callers) if (least === null || sumOf(entry[1]) < sumOf(least[1])) least = entry;
      if (least !== null) {
        this.#callers.delete(least[0]);
        kept.believed = least[1].believed;
        kept.doubted = least[1].doubted;
      }
    }
    this.#callers.set(name, kept);
    return kept;
  }

  figures(): LoopFigures {
    return { believed: this.#believed, doubted: this.#doubted, callers: mostOf([...this.#callers.values()]) };
  }
}

function trustedPeers(trust: LoopTrust['trust']): BlockList {
  const peers = new BlockList();
  const listed = trust === 'loopback' ? ['127.0.0.0/8', '::1'] : trust === 'nobody' ? [] : trust;
  for (const one of listed) {
    const [address = '', bits] = one.split('/');
    // The config has checked that it is an address; `isIPv6` takes 25 ms when it is called first.
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (bits === undefined) peers.addAddress(address, family);
    else peers.addSubnet(address, Number(bits), family);
  }
  return peers;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sumOf({ believed, doubted }: Kept): number {
  return believed + doubted;
}
