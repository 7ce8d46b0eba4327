/** One question to the reference API and to the twin, and how the two answers differ by the route's comparator. */
import postgres from 'postgres';
import type { RouteEntry } from '../../src/api/route.ts';
import { type CompiledComparator, compare, compileComparator } from '../../src/rules/compile.ts';
import { parseJson } from '../../src/rules/parse.ts';
import type { IdPairs } from '../../src/rules/rule.ts';
import type { Difference, JsonValue, Representation } from '../../src/types.ts';

export interface SideAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly body: JsonValue;
}

export interface BothAnswers {
  readonly primary: SideAnswer;
  /** In its own forms, then in the primary's. */
  readonly twin: SideAnswer;
  readonly asPrimary: SideAnswer;
  /** One line for each difference, of both representations; empty where the three answers mean the same. */
  readonly differences: readonly string[];
}

export interface BothSides {
  /** `caller` is the ObjectId of the user who asks. */
  ask(route: RouteEntry, target: string, caller?: string): Promise<BothAnswers>;
  readonly ids: IdPairs;
}

export interface Addresses {
  readonly reference: string;
  readonly twin: string;
  readonly databaseUrl: string;
}

/** `id_map` is read once: nothing may be written between. */
export async function bothSides({ reference, twin, databaseUrl }: Addresses): Promise<BothSides> {
  const ids = await idPairs(databaseUrl);
  return {
    ids,
    async ask(route, target, caller) {
      const headers: Record<string, string> = caller === undefined ? {} : { authorization: `Bearer ${caller}` };
      const [primary, own, asPrimary] = await Promise.all([
        fetchJson(reference + target, headers),
        fetchJson(twin + target, headers),
        fetchJson(twin + target, { ...headers, 'x-twin-representation': 'primary' }),
      ]);
      const differences = [
        ...differencesOf(route, target, primary, own, 'twin', ids),
        ...differencesOf(route, target, primary, asPrimary, 'primary', ids),
      ];
      return { primary, twin: own, asPrimary, differences };
    },
  };
}

export async function idPairs(databaseUrl: string): Promise<IdPairs> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const uuids = new Map<string, string>();
  const objectIds = new Map<string, string>();
  try {
    const rows = await sql<{ collection: string; mongo_id: string; uuid: string }[]>`
      select collection, mongo_id, uuid from id_map`;
    for (const row of rows) {
      uuids.set(`${row.collection} ${row.mongo_id}`, row.uuid);
      objectIds.set(`${row.collection} ${row.uuid}`, row.mongo_id);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
  return {
    uuidOf: (collection, objectId) => uuids.get(`${collection} ${objectId}`) ?? null,
    objectIdOf: (collection, uuid) => objectIds.get(`${collection} ${uuid}`) ?? null,
  };
}

async function fetchJson(url: string, headers: Record<string, string>): Promise<SideAnswer> {
  const response = await fetch(url, { headers });
  const type = response.headers.get('content-type');
  if (type?.startsWith('text/csv')) return { status: response.status, type, body: await response.text() };
  const parsed = parseJson(new Uint8Array(await response.arrayBuffer()));
  if (!parsed.ok) throw new Error(`${url}: ${parsed.failure} ${parsed.detail}`);
  return { status: response.status, type, body: parsed.value };
}

const compiledRoutes = new Map<RouteEntry, CompiledComparator>();

function compiledOf(route: RouteEntry): CompiledComparator {
  const known = compiledRoutes.get(route) ?? compileComparator(route.comparator);
  compiledRoutes.set(route, known);
  return known;
}

function differencesOf(
  route: RouteEntry,
  target: string,
  primary: SideAnswer,
  twin: SideAnswer,
  representation: Representation,
  ids: IdPairs,
): string[] {
  const found: string[] = [];
  if (primary.status !== twin.status) found.push(`${representation} #status ${primary.status} ${twin.status}`);
  if (primary.type !== twin.type) found.push(`${representation} #header/content-type ${primary.type} ${twin.type}`);
  const compiled = compiledOf(route);
  const result = compare(primary.status < 300 ? compiled : compiled.error, primary.body, twin.body, {
    params: {},
    query: new Map(new URLSearchParams(target.split('?')[1] ?? '')),
    representation,
    ids,
  });
  if (result.outcome === 'needs_ids') found.push(`${representation} needs ids ${JSON.stringify(result.wanted)}`);
  if (result.outcome === 'differs') found.push(...result.differences.map((one) => lineOf(representation, one)));
  return found;
}

function lineOf(representation: Representation, { path, kind, rule, primary, twin }: Difference): string {
  return `${representation} ${path} ${kind} (${rule}): ${JSON.stringify(primary)} | ${JSON.stringify(twin)}`;
}
