/** The two modules of undici that ask over HTTP. Its entry loads fetch, WebSocket and caches as well, in every thread. */
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici';
}
declare module 'undici/lib/core/connect.js' {
  export { buildConnector as default } from 'undici';
}
