/** Kinds of values that options have. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { HOP_BY_HOP } from '../base/hop-by-hop.ts';

export const millis = (byDefault: number, max = 600_000) => z.number().int().min(1).max(max).default(byDefault);

export const count = (byDefault: number, max = 1_000_000) => z.number().int().min(1).max(max).default(byDefault);

export const share = (byDefault: number) => z.number().min(0).max(1).default(byDefault);

export const port = (byDefault: number) => z.number().int().min(0).max(65_535).default(byDefault);

export const httpUrl = z
  .string()
  .refine(isHttpUrl, { error: 'an http:// or https:// URL without a path, a query or credentials' });

/** Origins under which a side names itself in URLs. */
export const origins = (side: string) =>
  z
    .array(httpUrl)
    .default([])
    .describe(
      `Further origins that are the ${side} itself in the URLs of its answers (https://shop.example), beside that of its url and the client's Host: rule \`url\`, Location and Link.`,
    );

export const twinUrl = z
  .string()
  .refine(isTwinUrl, { error: 'an http:// or https:// URL without a query or credentials' });

export const storeUrl = (schemes: readonly string[]) =>
  z.string().refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)), {
    error: `a ${schemes.map((scheme) => `${scheme}://`).join(' or ')} URL`,
  });

function isHttpUrl(value: string): boolean {
  return isTwinUrl(value) && new URL(value).pathname === '/';
}

/** The twin may stand behind a path, which is put before every target. */
export function isTwinUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
  // Nobody would send them: clients have their own, and others belong under `headers`.
  if (url.username !== '' || url.password !== '') return false;
  return url.search === '' && url.hash === '';
}

/** An address, or a network as address and bits. */
export const peer = z.string().refine(isPeer, { error: 'an IP address or a network such as 10.1.0.0/16' });

function isPeer(value: string): boolean {
  const [address = '', bits, more] = value.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

export const fieldName = z
  .string()
  .refine((name) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name), { error: 'the name of a header field' })
  .refine((name) => !HOP_BY_HOP.has(name.toLowerCase()), {
    error: `a field other than ${[...HOP_BY_HOP].join(', ')}, which belong to a connection or frame the message`,
  });

const fieldValue = z
  .string()
  .refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value), { error: 'text without line breaks, in Latin-1' });

export const headerChanges = z
  .strictObject({
    set: z
      .record(fieldName, fieldValue)
      .default({})
      .describe('Fields to set; a value that the client sent is replaced.'),
    rename: z.record(fieldName, fieldName).default({}).describe('Fields to send under another name.'),
    drop: z.array(fieldName).default([]).describe('Fields to leave out.'),
  })
  .prefault({});

export const certificateFiles = z.strictObject({
  certFile: z.string().min(1).describe('PEM file with the certificate and its chain.'),
  keyFile: z.string().min(1).describe('PEM file with the key.'),
});

export const tlsTrust = z
  .strictObject({
    verify: z.boolean().default(true).describe('`false` accepts any certificate; only for tests and closed networks.'),
    caFile: z.string().optional().describe('PEM file with an authority to trust besides the well-known ones.'),
    client: certificateFiles
      .optional()
      .describe('Who we are, where the side asks its clients for a certificate (mutual TLS).'),
  })
  .prefault({});

export const sampleBy = z.enum(['read', 'entity', 'caller']);
