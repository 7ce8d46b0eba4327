/** `shadowread report`: verdicts, rates, bounds and the noise floor, by domain and route. */

import { count, counted, rateWords } from '../base/figure-words.ts';
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import type { RouteReport } from '../journal/read/report.ts';
import { openReader } from '../journal/reader.ts';
import { decideOn } from '../service/deciding.ts';
import type { UnknownPath } from '../types.ts';
import { apiOrExample } from './api.ts';
import { configOf, isJson, journalUrl, numberOption, type Options, requireDomain, textOption } from './options.ts';
import { createOutput, millis, percent, table } from './output.ts';

const DAY = 86_400_000;

export async function report(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const api = await apiOrExample(loaded);
  const known = api.domains;
  const domain = textOption(options, 'domain');
  if (domain !== undefined) requireDomain(domain, known);
  const reader = openReader({ url: journalUrl(loaded.config) });
  const output = createOutput(isJson(options));
  try {
    const from = Date.now() - (numberOption(options, 'since') ?? DAY);
    const routes = await reader.report({ from, ...(domain === undefined ? {} : { domain }) });
    const noisy = await reader.noisyPaths(domain);
    const unknown = await reader.unknownReads();
    const bounds = new Map<string, number>();
    for (const one of domain === undefined ? known : [domain]) {
      bounds.set(one, (await decideOn(one, reader, { ...loaded, api })).decision.bound.upper);
    }
    if (output.json) {
      output.document({ from, routes, noisyPaths: noisy, unknown, bounds: Object.fromEntries(bounds) });
      return EXIT.yes;
    }
    if (routes.length === 0) output.line('No read was journalled in this window.');
    else output.line(table(columns(bounds, loaded.config.gate.mismatchLimit), routes));
    const reasons = reasonsOf(routes);
    if (reasons.length > 0) output.line(`not compared, by reason: ${reasons.join(', ')}`);
    const unstable = routes.reduce((sum, { verdicts }) => sum + verdicts.unstable, 0);
    if (unstable > 0) {
      output.line(
        `unstable, as the primary disagrees with itself where the answers differ: ${counted(unstable, 'read')}`,
      );
    }
    if (unknown.reads > 0) {
      output.line(
        `\n${counted(unknown.reads, 'read')} matched no route and passed unverified; the most frequent paths:`,
      );
      output.line(table(UNKNOWN, unknown.paths));
    }
    for (const { route, path, count } of noisy.slice(0, 10))
      output.note(
        visible(`noise: the primary disagrees with itself at ${path} of ${route} (${counted(count, 'time')})`),
      );
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

/** Of all routes together, the most frequent first. */
function reasonsOf(routes: readonly RouteReport[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { reasons } of routes)
    for (const [reason, n] of Object.entries(reasons)) {
      // Two sides that agree in an error or a redirect were compared.
      if (!/^[34]xx$/.test(reason)) counts.set(reason, (counts.get(reason) ?? 0) + n);
    }
  return [...counts].sort(([, a], [, b]) => b - a).map(([reason, n]) => `${reason} ${count(n)}`);
}

const UNKNOWN = [
  { title: 'reads', align: 'right', cell: (row: UnknownPath) => count(row.count) },
  { title: 'path', cell: (row: UnknownPath) => row.path },
  {
    title: 'closest route, and what differs',
    cell: (row: UnknownPath) => (row.near === null ? '' : `${row.near.differs} (${row.near.route})`),
  },
] as const;

function columns(bounds: ReadonlyMap<string, number>, limit: number) {
  return [
    { title: 'domain', cell: (row: RouteReport) => row.domain },
    { title: 'route', cell: (row: RouteReport) => row.route },
    { title: 'compared', align: 'right', cell: (row: RouteReport) => count(row.compared) },
    {
      title: 'mismatches',
      align: 'right',
      cell: (row: RouteReport) => count(row.verdicts.mismatch),
      tone: (row: RouteReport) => (row.verdicts.mismatch > 0 ? 'bad' : 'plain'),
    },
    {
      title: 'mismatch rate (bound of the domain, limit)',
      cell: (row: RouteReport) => rateWords(row.mismatchRate, row.compared, bounds.get(row.domain) ?? null, limit),
    },
    { title: 'settled', align: 'right', cell: (row: RouteReport) => count(row.verdicts.settled) },
    {
      title: 'failed',
      align: 'right',
      cell: (row: RouteReport) => count(row.verdicts.twin_error + row.verdicts.twin_timeout),
    },
    { title: 'skipped', align: 'right', cell: (row: RouteReport) => count(row.verdicts.skipped) },
    { title: 'noise floor', align: 'right', cell: (row: RouteReport) => percent(row.noiseFloor) },
    { title: 'p99 primary', align: 'right', cell: (row: RouteReport) => millis(row.latency?.primary.p99 ?? null) },
    { title: 'p99 twin', align: 'right', cell: (row: RouteReport) => millis(row.latency?.twin.p99 ?? null) },
  ] as const;
}
