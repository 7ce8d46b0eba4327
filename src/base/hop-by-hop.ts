/**
 * Fields of one connection, never of the message (RFC 9110, 7.6.1), and those that frame it: whoever sends a request
 * writes them. Lowercase.
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
