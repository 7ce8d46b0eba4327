/** `shadowread/express`: tap and mirror as middleware, for those who have a proxy or an API in Express already. */
export { type Shadow, type ShadowOptions, startShadow } from './service/middleware.ts';
