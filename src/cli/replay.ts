/** `shadowread replay`: judges stored pairs by the rules of now, offline. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { loadApi } from '../api/load.ts';
import { hostNameOf } from '../base/fields.ts';
import { count, counted } from '../base/figure-words.ts';
import type { LoadedConfig } from '../config.ts';
import { EXIT, type ExitStatus, messageOf, ShadowError } from '../errors.ts';
import { openReader } from '../journal/reader.ts';
import { furtherOrigins } from '../service/pairing.ts';
import { readSecrets } from '../service/secrets.ts';
import { replay as replayPair } from '../verifier/recheck.ts';
import { openEvidence } from '../verifier/sealed-pair.ts';
import { originsOf, type RouteTable, tableOf } from '../verifier/table.ts';
import { apiOrExample } from './api.ts';
import { configOf, isJson, journalUrl, numberOption, type Options, textOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { openReplayIds, type ReplayIds } from './replay-ids.ts';

const DAY = 86_400_000;
/** Times that one pair may ask for further ids: an id that is known may lead to a next one. */
const LOOK_UPS = 4;

interface Replayed {
  readonly id: string;
  readonly route: string;
  readonly fingerprint: string;
  readonly now: 'match' | 'mismatch' | 'unreadable';
  readonly why: string | null;
}

/** Exit 0 where every stored pair was judged, 2 where some could not be. */
export async function replay(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const { config } = loaded;
  const { evidenceKey } = readSecrets(config, process.env);
  if (evidenceKey === null) {
    throw new ShadowError('SHADOW_KEY', 'stored pairs cannot be opened without their key', {
      expected: 'evidence.keyFile or SHADOWREAD_EVIDENCE_KEY',
      actual: 'neither',
      example: 'SHADOWREAD_EVIDENCE_KEY=$(openssl rand -base64 32), set before the proxy starts',
      exit: EXIT.undecided,
    });
  }
  const output = createOutput(isJson(options));
  const rules = await rulesOf(options, loaded);
  const reader = openReader({ url: journalUrl(config) });
  const ids = await openReplayIds(config, journalUrl(config));
  const replayed: Replayed[] = [];
  try {
    const since = Date.now() - (numberOption(options, 'since') ?? DAY);
    for (let after: string | null = null; ; ) {
      const page = await reader.sealedSince(since, after, 200);
      for (const sealed of page) {
        replayed.push(await judge(sealed, evidenceKey, rules, ids));
        output.progress(`${counted(replayed.length, 'pair')} judged`);
      }
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
    output.done();
    const matches = replayed.filter(({ now }) => now === 'match').length;
    const unreadable = replayed.filter(({ now }) => now === 'unreadable').length;
    if (output.json) output.document({ judged: replayed.length, matches, unreadable, pairs: replayed });
    else {
      if (replayed.length > 0) output.line(table(COLUMNS, replayed.slice(0, 50)));
      output.line(
        `${counted(replayed.length, 'stored mismatch', 'stored mismatches')}: ${count(matches)} would match by these rules, ${count(unreadable)} could not be judged`,
      );
    }
    return unreadable === 0 ? EXIT.yes : EXIT.undecided;
  } finally {
    await Promise.all([reader.close(), ids.close()]);
  }
}

const COLUMNS = [
  { title: 'id', cell: (row: Replayed) => row.id },
  { title: 'route', cell: (row: Replayed) => row.route },
  { title: 'fingerprint', cell: (row: Replayed) => row.fingerprint },
  { title: 'now', cell: (row: Replayed) => row.now, tone: (row: Replayed) => (row.now === 'match' ? 'good' : 'plain') },
  { title: '', cell: (row: Replayed) => row.why ?? '' },
] as const;

async function judge(
  sealed: { readonly id: string; readonly route: string; readonly fingerprint: string; readonly evidence: Uint8Array },
  key: Uint8Array,
  rules: RouteTable,
  { idsAt, lookUp }: ReplayIds,
): Promise<Replayed> {
  const { id, route, fingerprint } = sealed;
  const unreadable = (why: string): Replayed => ({ id, route, fingerprint, now: 'unreadable', why });
  const verified = rules.get(route);
  if (verified === undefined) return unreadable('the route is not in the table');
  try {
    const evidence = openEvidence(sealed.evidence, key, Date.now());
    const ids = idsAt(hostNameOf(evidence.request.rawHeaders));
    let result = await replayPair(evidence, verified, ids);
    for (let round = 0; result.outcome === 'needs_ids' && round < LOOK_UPS && (await lookUp(result.wanted)); round += 1)
      result = await replayPair(evidence, verified, ids);
    if (result.outcome === 'needs_ids') return unreadable('id_map could not be read: MIGRATION_PG_URL');
    if (result.outcome === 'too_large') return unreadable(result.detail);
    return { id, route, fingerprint, now: result.outcome === 'equal' ? 'match' : 'mismatch', why: null };
  } catch (error) {
    return unreadable(messageOf(error));
  }
}

/** The route table, with the rules of `--rules FILE` (YAML: route key -> inline rules) instead of its own. */
async function rulesOf(options: Options, loaded: LoadedConfig): Promise<RouteTable> {
  const { config } = loaded;
  const api = await apiOrExample(loaded);
  const [primary, twin] = [config.primary.url ?? 'http://primary', config.twin.url ?? 'http://twin'];
  const origins = originsOf(primary, twin, api.routes, furtherOrigins(config));
  const own = tableOf(api.routes, origins);
  const file = textOption(options, 'rules');
  if (file === undefined) return own;
  const given: unknown = parse(readFileSync(file, 'utf8'));
  if (typeof given !== 'object' || given === null)
    throw new ShadowError('SHADOW_CONFIG', 'the rules cannot be read', {
      expected: 'YAML: route keys with inline rules',
      actual: file,
    });
  const replaced = Object.entries(given).map(([key, rules]) => {
    const route = own.get(key);
    if (route === undefined)
      throw new ShadowError('SHADOW_ROUTE', 'the rules are of a route that is not in the table', {
        actual: key,
        expected: [...own.keys()].slice(0, 3).join(', '),
      });
    const { method, pattern, domain } = route.entry;
    return { method, pattern, domain, rules };
  });
  const { routes } = await loadApi({ ...api.source, module: null, entries: replaced });
  return new Map([...own, ...tableOf(routes, origins)]);
}
