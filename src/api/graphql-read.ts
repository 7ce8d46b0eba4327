/**
 * Whether a GraphQL request is a read: every operation that it may have executed is a query. In doubt it is none, since
 * servers differ on what counts where something is given twice.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ownModule } from '../base/own-module.ts';
import { parseJson } from '../rules/parse.ts';
import type { JsonValue } from '../types.ts';
import type * as Language from './graphql-language.ts';
import type { SentBody, SentField } from './sent-fields.ts';

const require = createRequire(import.meta.url);

/** The parser, 28 modules that few APIs need: loaded by the first call, at once, since a request has to be judged. */
export function language(): typeof Language {
  return require(fileURLToPath(ownModule('api/graphql-language')));
}

/** Names under which servers take the id of a persisted query, in lower case. */
const ID_NAMES: ReadonlySet<string> = new Set(['id', 'documentid', 'queryid', 'doc_id', 'hash']);
/** A longer document would take noticeable time to parse. */
const MAX_TOKENS = 20_000;

/** Why it is no read, without values; null where it is one. */
export function whyNoQuery(
  method: string,
  inTarget: readonly SentField[],
  body: SentBody,
  persisted: readonly string[],
): string | null {
  for (const fields of requestsIn(body)) {
    const why = fields === null ? 'the body is no GraphQL request' : whyNoQueryIn([...inTarget, ...fields], persisted);
    if (why === NOTHING && method !== 'POST') continue;
    if (why !== null) return why;
  }
  return null;
}

const NOTHING = 'no operation is given';

/** The fields of each request of a batch, or of the only one; null for what is none. */
function requestsIn(body: SentBody): readonly (readonly SentField[] | null)[] {
  switch (body.kind) {
    case 'none':
      return [[]];
    case 'form':
      return [body.fields];
    case 'graphql':
      return [[['query', body.text]]];
    case 'json': {
      const { value } = body;
      if (!Array.isArray(value)) return [membersOf(value)];
      return value.length === 0 ? [null] : value.map(membersOf);
    }
    case 'refused':
      return [null];
  }
}

function membersOf(value: JsonValue): readonly SentField[] | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : null;
}

function whyNoQueryIn(fields: readonly SentField[], persisted: readonly string[]): string | null {
  const queries: string[] = [];
  const names = new Set<string>();
  const ids: string[] = [];
  for (const [given, value] of fields) {
    const name = given.toLowerCase();
    if (value === null || value === '') continue;
    if (name === 'extensions') {
      const found = persistedIds(value);
      if (found === null) return 'its extensions cannot be read';
      ids.push(...found);
    } else if (ID_NAMES.has(name)) ids.push(String(value));
    else if (name === 'query' || name === 'operationname') {
      if (typeof value !== 'string') return `its ${name === 'query' ? 'query' : 'operationName'} is no text`;
      if (name === 'query') queries.push(value);
      else names.add(value);
    }
  }
  if (names.size > 1) return 'two operation names are given';
  if (queries.length === 0 && ids.length === 0) return NOTHING;
  const [name = null] = names;
  for (const query of queries) {
    const why = whyNoQueryText(query, name);
    if (why !== null) return why;
  }
  const known = new Set([...persisted, ...queries.map((query) => createHash('sha256').update(query).digest('hex'))]);
  return ids.every((id) => known.has(id)) ? null : 'the persisted query is not in the list';
}

/** Ids in `extensions`, which a query string and a form hold as JSON text. Null for what cannot be read. */
function persistedIds(extensions: JsonValue): readonly string[] | null {
  let given: JsonValue = extensions;
  if (typeof given === 'string') {
    const parsed = parseJson(Buffer.from(given));
    if (!parsed.ok) return null;
    given = parsed.value;
  }
  const ids: string[] = [];
  for (const [name, value] of membersOf(given) ?? []) {
    if (name.toLowerCase() !== 'persistedquery') continue;
    for (const [key, id] of membersOf(value) ?? []) if (key.toLowerCase() === 'sha256hash') ids.push(String(id));
  }
  return ids;
}

function whyNoQueryText(text: string, name: string | null): string | null {
  let operations: readonly Language.OperationDefinitionNode[];
  try {
    const { definitions } = language().parse(text, { noLocation: true, maxTokens: MAX_TOKENS });
    operations = definitions.filter((definition) => definition.kind === 'OperationDefinition');
  } catch {
    return 'its query cannot be parsed';
  }
  const meant = name === null ? operations : operations.filter((operation) => operation.name?.value === name);
  const [only, more] = meant;
  if (only === undefined) return name === null ? NOTHING : 'it has no operation of the name given';
  if (more !== undefined) return 'it has several operations and does not say which is meant';
  return only.operation === 'query' ? null : `it is a ${only.operation}`;
}
