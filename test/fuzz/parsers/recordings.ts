/** Recorded traffic: files of strangers, in every format that is read. */
import { ShadowError } from '../../../src/errors.ts';
import { type Format, READERS } from '../../../src/traffic/formats/format.ts';
import { insist, type NamedParser } from './promises.ts';

/** Reads the bytes in two pieces, since a file comes in pieces. */
function readBy(formats: readonly Format[]): (bytes: Buffer) => Promise<void> {
  return async (bytes) => {
    for (const format of formats) {
      const source = async function* () {
        const middle = bytes.length >> 1;
        yield bytes.subarray(0, middle);
        yield bytes.subarray(middle);
      };
      try {
        for await (const one of READERS[format](source(), { logFormat: null, variables: {} }))
          insist(
            one.kind === 'request' ? one.request.target.startsWith('/') : one.why !== '',
            `${format}: no target and no reason`,
          );
      } catch (error) {
        if (!(error instanceof ShadowError)) throw error;
      }
    }
  };
}

const HAR =
  '{"log":{"entries":[{"startedDateTime":"2026-11-26T10:00:00.000Z","request":{"method":"GET","url":"https://a.example/x?y=1","headers":[{"name":"Accept","value":"*/*"}]},"response":{"status":200,"headers":[],"content":{"text":"e30=","encoding":"base64"}}}]}}';

export const recordings: Readonly<Record<string, NamedParser>> = {
  har: {
    what: 'HAR files',
    runs: 20_000,
    corpus: [HAR, HAR.replace('https://a.example', ''), '{"log":{"version":"1.2","entries":[]}}'],
    holds: readBy(['har']),
  },
  'access-logs': {
    what: 'access logs, of W3C too',
    runs: 20_000,
    corpus: [
      '127.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /x?y=1 HTTP/1.1" 200 12 "-" "curl"\n',
      '::1 - bob [31/Dec/2026:23:59:60 -0330] "HEAD /\\x22\\"a HTTP/2.0" 404 - "http://a/" "\\\\"\n',
      '#Version: 1.0\n#Fields: date time cs-method cs-uri-stem cs-uri-query sc-status\n2026-11-26 10:00:00 GET /x y=1 200\n',
    ],
    holds: readBy(['access-log', 'w3c']),
  },
  recordings: {
    what: 'recorded traffic of the other formats',
    runs: 10_000,
    corpus: [
      '{"method":"GET","url":"/x"}\n{"request":{"method":"GET","target":"/y"}}\n',
      '[{"method":"GET","url":"/x"}]',
      '1 a 1\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n\n🐵🙈🙉\n',
      '{"info":{"schema":"v2.1"},"item":[{"request":{"method":"GET","url":{"raw":"{{base}}/x?y=1","path":["x"]},"auth":{"type":"bearer"}}}]}',
      'GET /x\n/y\n',
    ],
    holds: readBy(['json-lines', 'json-values', 'goreplay', 'postman', 'targets']),
  },
};
