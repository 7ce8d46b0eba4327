/** Plugin of http-proxy-middleware for the way out: fields and target as the client sent them, interim answers, trailers. */
import type { ClientRequest, IncomingMessage, InformationEvent } from 'node:http';
import type { Duplex } from 'node:stream';
import { definePlugin } from 'http-proxy-middleware';
import { twinTargetOf } from '../api/twin-path.ts';
import { pairsOf, withoutControl } from '../base/fields.ts';
import { changedFields } from '../base/header-changes.ts';
import type { RawHeaders } from '../types.ts';
import { step } from './crash.ts';
import { attemptFailed, ignore } from './ending.ts';
import { forwardInterim } from './interim.ts';
import { noteWrite } from './no-read.ts';
import { originForm, type Passage } from './passage.ts';
import { switchProtocols } from './upgrade.ts';

export const forwarding = definePlugin((proxyServer) => {
  // Emitted right before httpxy builds its request: see Outgoing.
  proxyServer.on('start', (request) => {
    const { passage } = request;
    if (passage === undefined) return;
    const { upstream } = passage;
    passage.forwardedMs = performance.now();
    passage.askedAt = Date.now();
    passage.overheadMs = passage.forwardedMs - passage.arrivedMs;
    upstream.outgoing.aim(targetFor(passage), fieldsFor(passage));
    // httpxy copies these for every request, only to have them replaced.
    request.headers = {};
  });

  // Emitted when the request has its socket, before anything is sent.
  proxyServer.on('proxyReq', (sideRequest, request, answer, { target }) => {
    const { passage } = request;
    if (passage === undefined) return;
    // One that had to wait for a socket may have been given up meanwhile.
    if (passage.closed || answer.writableEnded || target !== passage.attempt) sideRequest.destroy();
    else step(passage, 'forward', () => watchForwarding(passage, sideRequest));
  });
});

function watchForwarding(passage: Passage, sideRequest: ClientRequest): void {
  const { request, fields } = passage;
  passage.sideRequest = sideRequest;
  sideRequest.passage = passage;
  if (sideRequest.reusedSocket) passage.bytesBefore = sideRequest.socket?.bytesRead ?? 0;
  sideRequest.on('information', forwardInformation);
  sideRequest.on('upgrade', onUpgrade);
  takeAllFields(sideRequest);
  if (fields.expects) writeAsSent(sideRequest);
  if (!fields.hasBody) return;
  headAhead(passage, sideRequest);
  // A body that was collected has its trailers by now.
  if (fields.chunked && request.readableEnded) forwardTrailers(passage, sideRequest);
  else if (fields.chunked)
    request.on('end', () => step(passage, 'trailers', () => forwardTrailers(passage, sideRequest)));
  if (passage.side === 'primary' && passage.bodyChunks === null) noteWrite(passage);
  if (passage.tap?.open && passage.bodyChunks === null) keepBody(passage);
}

/** Node holds the head back until there is content; a side may answer by the head alone, and a client may wait for that. */
function headAhead(passage: Passage, sideRequest: ClientRequest): void {
  setImmediate(() => {
    // `headersSent` says that the head is made; this, that it is on its way.
    const sent = !('_headerSent' in sideRequest) || sideRequest._headerSent !== false;
    if (sent || passage.closed || sideRequest.destroyed) return;
    // Not flushHeaders(): it writes the head as UTF-8, whatever bytes came.
    step(passage, 'flush', () => sideRequest.write('', 'latin1'));
  });
}

export function targetFor(passage: Passage): string {
  const { upstream, target, route, side } = passage;
  if (side === 'twin' && route !== null && (upstream.basePath !== '' || route.twinPath !== undefined)) {
    return upstream.basePath + twinTargetOf(route, originForm(target));
  }
  return upstream.basePath !== '' && target.startsWith('/') ? upstream.basePath + target : target;
}

export function fieldsFor(passage: Passage): readonly string[] {
  const { forward } = passage.fields;
  const { twinFields, primaryFields } = passage.front.options;
  if (passage.side === 'primary') {
    const fields = primaryFields === null ? forward : primaryFields(forward);
    return passage.held === null ? fields : [...fields, ...passage.held.offered];
  }
  let own: RawHeaders = forward;
  try {
    own = twinFields === null ? forward : twinFields(forward);
    if (passage.credentials !== null) {
      own = changedFields(own, { set: passage.credentials }, passage.upstream.authority);
    }
  } catch (thrown) {
    passage.front.fault('twinFields', thrown);
    throw thrown;
  }
  // A field of ours is never joined with one that was renamed to its name.
  return [...withoutControl(own), 'X-Twin-Representation', 'primary'];
}

/** Node would leave out all fields of an answer beyond its own limit of their number, without a word. */
function takeAllFields(sideRequest: ClientRequest): void {
  if (!('parser' in sideRequest)) return;
  const { parser } = sideRequest;
  if (typeof parser === 'object' && parser !== null && 'maxHeaderPairs' in parser) parser.maxHeaderPairs = 0;
}

/** Node puts the head of a request with Expect in its queue at once, to be written as UTF-8: bytes above 0x7f would double. */
function writeAsSent(sideRequest: ClientRequest): void {
  if (!('outputData' in sideRequest) || !Array.isArray(sideRequest.outputData)) return;
  const [head]: unknown[] = sideRequest.outputData;
  if (typeof head === 'object' && head !== null && 'encoding' in head) head.encoding = 'latin1';
}

function forwardInformation(this: ClientRequest, interim: InformationEvent): void {
  const { passage } = this;
  if (passage === undefined || passage.sideRequest !== this) return;
  step(passage, 'interim', () => {
    if (interim.statusCode === 101) {
      // Without the fields of an upgrade: no answer comes behind it, nor another protocol.
      attemptFailed(passage, new Error('101 without an upgrade'), null);
      this.destroy();
    } else if (passage.side === 'primary') forwardInterim(passage, interim.statusCode, interim.rawHeaders);
  });
}

function onUpgrade(this: ClientRequest, sideAnswer: IncomingMessage, side: Duplex, sideHead: Buffer): void {
  side.on('error', ignore);
  const { passage } = this;
  if (passage === undefined || passage.closed || passage.sideRequest !== this) side.destroy();
  else step(passage, 'upgrade', () => switchProtocols(passage, this, { sideAnswer, side, sideHead }));
}

/** Registered before httpxy's pipe, whose listener ends the request. */
function forwardTrailers(passage: Passage, sideRequest: ClientRequest): void {
  const sent = passage.request.rawTrailers;
  const trailers = passage.loop ? sent : withoutControl(sent);
  if (trailers.length > 0 && !sideRequest.destroyed) sideRequest.addTrailers(pairsOf(trailers));
}

function keepBody(passage: Passage): void {
  const chunks: Uint8Array[] = [];
  passage.bodyChunks = chunks;
  passage.request.on('data', (chunk: Uint8Array) => {
    if (passage.tap?.reserve(chunk.length) === true) chunks.push(chunk);
    else chunks.length = 0;
  });
  passage.request.on('error', ignore);
}
