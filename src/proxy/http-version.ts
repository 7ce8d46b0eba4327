/** What clients of HTTP before 1.1 do not know: Host, chunks, interim answers. */
import type { IncomingMessage } from 'node:http';

/** HTTP/1.0, and 0.9, which is a request line without a version. */
export const isBeforeHttp11 = ({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean =>
  httpVersionMajor < 1 || (httpVersionMajor === 1 && httpVersionMinor === 0);
