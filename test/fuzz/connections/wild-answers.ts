/** Answers of a side that may do anything, by number: the same number and seed are the same answer. */
import { type Random, seeded } from '../../../src/amanat/demo/random.ts';
import type { Script, Step } from '../../support/scripted-upstream.ts';

const bytes = (text: string): Step => ({ do: 'send', bytes: Buffer.from(text, 'latin1') });
const pause = (random: Random): Step => ({ do: 'pause', ms: random.below(12) });
const FIN: Step = { do: 'fin' };
const RESET: Step = { do: 'reset' };
const BODY: Step = { do: 'await-body' };

type Make = (random: Random) => readonly Step[];

const length = (status: string, fields: string, body: string): Step =>
  bytes(`HTTP/1.1 ${status}\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`);
const cutAt = (random: Random, text: string): Step => bytes(text.slice(0, random.below(text.length)));
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const SWITCH = 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n';

/** What a side sends. Where it leaves a connection that nobody can go on with, it ends it. */
const MAKES: readonly Make[] = [
  () => [BODY, length('200 OK', 'X-A: 1\r\n', 'fine')],
  (random) => [BODY, pause(random), length('200 OK', '', 'x'.repeat(random.below(200_000)))],
  (random) => [length('413 Early', '', 'before the content'), pause(random), FIN],
  (random) => [
    bytes(
      `HTTP/1.1 ${random.pick(['099', '000', '100', '199', '600', '999', '1000', 'abc'])} R\r\nContent-Length: 1\r\n\r\nx`,
    ),
    pause(random),
    FIN,
  ],
  (random) => [
    BODY,
    length(`200 ${random.pick(['\x01', '\x7f', '\xff\xfe', '', '\t\t', '\x1b[2J', 'a'.repeat(9_000)])}`, '', 'x'),
    FIN,
  ],
  (random) => [
    bytes(`${CHUNKED}2\r\nhi\r\n`),
    pause(random),
    bytes(random.pick(['zz\r\n', '5\r\nno', '0\r\n', '-1\r\n', '2\r\nhiX', '99999999999999999\r\n'])),
    pause(random),
    FIN,
  ],
  (random) => [
    BODY,
    bytes(
      `${CHUNKED}2\r\nhi\r\n0\r\n${random.pick(['X-T: 1\r\n', 'X-T: \x01\r\n', 'X-Shadow-Read: 1\r\n', 'Content-Length: 9\r\n', ': none\r\n'])}\r\n`,
    ),
    FIN,
  ],
  () => [RESET],
  (random) => [pause(random), RESET],
  () => [FIN],
  (random) => [
    cutAt(random, 'HTTP/1.1 200 OK\r\nX-Long: some value\r\nContent-Length: 90\r\n\r\nthe first part'),
    pause(random),
    random.pick([FIN, RESET]),
  ],
  (random) => [
    bytes('HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n'),
    bytes('y'.repeat(random.below(400_000))),
    random.pick([FIN, RESET]),
  ],
  (random) => [
    BODY,
    ...Array.from({ length: 1 + random.below(60) }, () =>
      bytes(
        `HTTP/1.1 ${random.pick(['100', '102', '103', '199'])} I\r\nX-I: ${random.pick(['1', '\x01', '\xe9'])}\r\n\r\n`,
      ),
    ),
    length('200 OK', '', 'after many'),
  ],
  (random) => [BODY, bytes(`${SWITCH}\r\n`), bytes('another protocol'), pause(random), random.pick([FIN, RESET])],
  (random) => [pause(random), bytes(`${SWITCH}\r\nat once`), pause(random), FIN],
  () => [bytes('HTTP/1.1 101 Go\r\n\r\n'), FIN],
  () => [BODY, length('426 Upgrade Required', 'Connection: Upgrade\r\nUpgrade: other\r\n', 'no')],
  () => [BODY, bytes('HTTP/1.1 204 No\r\n\r\n')],
  () => [BODY, bytes('HTTP/1.1 304 Same\r\nETag: "a"\r\n\r\n')],
  () => [BODY, bytes('HTTP/1.1 200 OK\r\n\r\nto the end'), FIN],
  () => [BODY, bytes('HTTP/1.0 200 OK\r\n\r\nof the last century'), FIN],
  () => [bytes('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy'), FIN],
  () => [bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nxy'), FIN],
  (random) => [
    bytes(`HTTP/1.1 200 OK\r\n${'X-Many: v\r\n'.repeat(random.below(3_000))}Content-Length: 0\r\n\r\n`),
    FIN,
  ],
  (random) => [
    bytes(`HTTP/1.1 200 OK\r\nX-Big: ${'v'.repeat(random.below(200_000))}\r\nContent-Length: 0\r\n\r\n`),
    FIN,
  ],
  () => [bytes('SSH-2.0-OpenSSH_9.6\r\n\r\n'), FIN],
  (random) => [bytes(Array.from({ length: 200 }, () => String.fromCharCode(random.below(256))).join('')), FIN],
  () => [BODY, bytes('HTTP/1.1 503 Oh\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno')],
  (random) => [
    BODY,
    bytes('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n'),
    pause(random),
    bytes('data: 2\n\n'),
    FIN,
  ],
];

export function wildAnswer(seed: number, nth: number): Script {
  const random = seeded(seed * 7_919 + nth);
  return { steps: random.pick(MAKES)(random) };
}
