/**
 * Credentials for the twin by a module of the user's own: for tokens that carry a store's ids, or that only one side can
 * read. Its export `credentials` gets the request and gives the fields to send in place of the client's.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { offerOwnPackage } from '../api/own-package.ts';
import { messageOf, ShadowError } from '../errors.ts';
import type { ExchangeRequest } from '../types.ts';

/** What a module is given: the client's request, field names in lower case, of repeated fields the last. */
export interface CredentialsRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The fields to set; others stay as the client sent them. */
export type Credentials = (
  request: CredentialsRequest,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

export type CredentialsFor = (request: ExchangeRequest) => Promise<Readonly<Record<string, string>>>;

/** @throws ShadowError SHADOW_CONFIG for a module that cannot be loaded or exports no `credentials` */
export async function loadCredentials(module: string): Promise<CredentialsFor> {
  const address = /^[a-z]+:\/\//i.test(module) ? module : pathToFileURL(resolve(module)).href;
  const wrong = (actual: string, cause?: unknown): ShadowError =>
    new ShadowError('SHADOW_CONFIG', 'the module of twin.credentials cannot be used', {
      expected: 'a module that exports `credentials(request)`, which gives header fields',
      actual,
      example: "export const credentials = ({ headers }) => ({ 'x-api-key': keyOf(headers.authorization) })",
      cause,
    });
  let exported: { readonly credentials?: unknown; readonly default?: unknown };
  offerOwnPackage();
  try {
    exported = await import(address);
  } catch (error) {
    throw wrong(`${module}: ${messageOf(error)}`, error);
  }
  const made = exported.credentials ?? exported.default;
  if (!isCredentials(made)) throw wrong(`${module} exports ${Object.keys(exported).join(', ') || 'nothing'}`);
  return (request) => fieldsFrom(made, request);
}

const isCredentials = (value: unknown): value is Credentials => typeof value === 'function';

/** Of what the module throws only the kind is reported: the message may quote a token. */
async function fieldsFrom(
  credentials: Credentials,
  request: ExchangeRequest,
): Promise<Readonly<Record<string, string>>> {
  const { method, target, rawHeaders } = request;
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers[(rawHeaders[i] ?? '').toLowerCase()] = rawHeaders[i + 1] ?? '';
  }
  let fields: unknown;
  try {
    fields = await credentials({ method, target, headers });
  } catch (error) {
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    throw new ShadowError('SHADOW_RULE', `the credentials module threw ${kind}`, { cause: error });
  }
  if (typeof fields !== 'object' || fields === null)
    throw new ShadowError('SHADOW_RULE', `the credentials module gave ${typeof fields}`, { expected: 'header fields' });
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
