/** The format of a file, detected from its content, and the reader of each format. */
import { ShadowError } from '../../errors.ts';
import type { Reader } from '../recorded.ts';
import { readAccessLog } from './access-log.ts';
import { GOREPLAY_HEAD, readGoReplay } from './goreplay.ts';
import { readHar } from './har.ts';
import { objectIn, readJsonLines, readJsonValues } from './json-lines.ts';
import { isObject, parsed } from './json-value.ts';
import { readPostman } from './postman.ts';
import { quotedOf } from './quoted.ts';
import { requestLineOf } from './request-line.ts';
import { rootKeysOf } from './root-keys.ts';
import { readTargets, wordsOf } from './targets.ts';
import { readW3c } from './w3c.ts';

export const FORMATS = [
  'har',
  'access-log',
  'json-lines',
  'json-values',
  'goreplay',
  'postman',
  'w3c',
  'targets',
] as const;
export type Format = (typeof FORMATS)[number];

export const READERS: Readonly<Record<Format, Reader>> = {
  har: readHar,
  'access-log': readAccessLog,
  'json-lines': readJsonLines,
  'json-values': readJsonValues,
  goreplay: readGoReplay,
  postman: readPostman,
  w3c: readW3c,
  targets: readTargets,
};

/** So many bytes of the beginning are looked at. */
export const SNIFFED = 64 * 1024;

/**
 * The format of a file by its first bytes; null for an empty one. `cut`: there is more than these bytes.
 * @throws ShadowError SHADOW_USAGE for what is known and not taken, and for what is not known
 */
export function formatOf(head: Uint8Array, cut: boolean, name: string): Format | null {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  const start = text.trimStart();
  if (start === '') return null;
  if (text.startsWith('PK\x03\x04'))
    throw notTaken(name, 'a zip archive', 'the file inside of it (unzip -p FILE | … -)');
  const lines = start.split(/\r?\n/);
  // The last line may be cut off.
  const whole = cut && lines.length > 1 ? lines.slice(0, -1) : lines;
  if (GOREPLAY_HEAD.test(lines[0] ?? '')) return 'goreplay';
  if (start.startsWith('{') || start.startsWith('[')) {
    const json = ofJson(start, whole, name);
    if (json !== null) return json;
  }
  if (/^#(?:Version|Fields|Software|Date):/i.test(start) && whole.some((line) => /^#Fields:/i.test(line))) return 'w3c';
  return ofText(whole.filter((line) => line.trim() !== '').slice(0, 100), name);
}

function ofJson(start: string, lines: readonly string[], name: string): Format | null {
  const first = parsed(Buffer.from(lines[0] ?? '', 'latin1'));
  const keys = rootKeysOf(start);
  const alone = typeof first !== 'string' && isObject(first.value);
  if (keys.get('log') === '{' && !(alone && isRequest(keys))) return 'har';
  if (keys.get('collection') === '{' || (keys.get('item') === '[' && keys.has('info')) || isPostmanInfo(start, keys)) {
    return 'postman';
  }
  if (keys.get('requests') === '[' && keys.has('order'))
    throw notTaken(name, 'a Postman collection v1', 'the collection exported as v2.1');
  if (keys.has('_postman_variable_scope') || (keys.get('values') === '[' && keys.has('name') && !isRequest(keys)))
    throw notTaken(
      name,
      'a Postman environment, not traffic',
      'the collection, with --variable name=value for each value',
    );
  if (keys.get('resources') === '[' && keys.has('__export_format'))
    throw notTaken(name, "Insomnia's own export", 'its requests exported as HAR');
  if (keys.has('openapi') || keys.has('swagger'))
    throw notTaken(name, 'an API description, not traffic', 'recorded requests');
  if (alone) return 'json-lines';
  // A log line in brackets (`[10/Oct/2000:…] "GET /x HTTP/1.1"`) begins like a JSON array.
  if (start.startsWith('[')) return /^\[\s*(?:[{"\]]|$)/.test(start) ? 'json-values' : null;
  const others = lines.slice(0, 20).filter((line) => typeof parsed(Buffer.from(line, 'latin1')) !== 'string');
  return others.length * 2 > Math.min(20, lines.length) ? 'json-lines' : 'json-values';
}

const isRequest = (keys: ReadonlyMap<string, string>): boolean =>
  ['method', 'target', 'url', 'path'].some((key) => keys.has(key));

function isPostmanInfo(start: string, keys: ReadonlyMap<string, string>): boolean {
  return keys.get('info') === '{' && /schema\.(?:get)?postman\.com|_postman_id/.test(start);
}

/** By what most of the first lines are. */
function ofText(lines: readonly string[], name: string): Format {
  const logged = lines.filter((line) => [...quotedOf(line)].some(({ raw }) => requestLineOf(raw) !== null)).length;
  const listed = lines.filter((line) => wordsOf(line.trim()) !== null).length;
  const json = lines.filter((line) => {
    const object = objectIn(Buffer.from(line, 'latin1'));
    return object[0] === 0x7b && typeof parsed(object) !== 'string';
  }).length;
  const most = Math.max(logged, listed, json);
  if (most === 0) {
    throw new ShadowError('SHADOW_USAGE', `${name} is no format of recorded traffic that is known`, {
      expected: 'HAR, an access log, JSON lines, a GoReplay file, a Postman collection or a list of targets',
      actual: quoted(lines[0] ?? ''),
      example: `--log-format '$remote_addr [$time_local] "$request" $status', or --as access-log`,
    });
  }
  if (most === json) return 'json-lines';
  return most === logged ? 'access-log' : 'targets';
}

/** The beginning of a line, without what a terminal would take as a command. */
const quoted = (line: string): string => JSON.stringify(line.slice(0, 60).replace(/[^\x20-\x7e]/g, '?'));

function notTaken(name: string, what: string, expected: string): ShadowError {
  return new ShadowError('SHADOW_USAGE', `${name} is ${what}`, { expected });
}
