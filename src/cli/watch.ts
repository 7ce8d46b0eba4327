/** `shadowread watch`: a live table of a running proxy, from its admin port. */
import { setTimeout as pause } from 'node:timers/promises';
import { count, rateWords } from '../base/figure-words.ts';
import { urlOf } from '../base/listening.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { readSecrets } from '../service/secrets.ts';
import { askAdmin } from './admin-port.ts';
import { configOf, flagOption, isJson, type Options, textOption } from './options.ts';
import { createOutput, shortened, table } from './output.ts';
import { readerGone } from './pipe.ts';
import { onStopSignal } from './stop-signals.ts';

interface Row {
  readonly domain: string;
  readonly stage: string;
  readonly gate: { readonly outcome: string | null; readonly reason: string | null };
  readonly verdicts: Readonly<Record<string, number>>;
  readonly compared: number;
  readonly rate: number | null;
  readonly bound: number | null;
  readonly limit: number | null;
}

const EVERY_MS = 2_000;

export async function watch(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const admin = textOption(options, 'admin') ?? urlOf(config.admin.host, config.admin.port);
  const output = createOutput(isJson(options));
  const { adminToken, adminReadToken } = readSecrets(config, process.env);
  const token = adminReadToken ?? adminToken;
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const once = flagOption(options, 'once') || output.json;
  const stopped = new AbortController();
  const listened = onStopSignal(() => stopped.abort());
  const over = AbortSignal.any([stopped.signal, readerGone]);
  const show = (domains: readonly Row[]): void => {
    if (output.json) output.document({ domains });
    else {
      if (!once && process.stdout.isTTY) process.stdout.write('\u001b[2J\u001b[H');
      output.line(`${new Date().toISOString()}  ${admin}`);
      output.line(table(COLUMNS, domains));
    }
  };
  try {
    for (let shown = false; !over.aborted; ) {
      try {
        show(await overview(admin, headers, over));
        shown = true;
      } catch (error) {
        if (over.aborted) break;
        // A proxy that restarts is there again soon; one that was never there may be a wrong address.
        if (!shown || !(error instanceof ShadowError)) throw error;
        output.note(error.message);
      }
      if (once) break;
      await pause(EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    }
  } finally {
    listened();
  }
  return EXIT.yes;
}

const COLUMNS = [
  { title: 'domain', cell: (row: Row) => row.domain },
  { title: 'stage', cell: (row: Row) => row.stage },
  {
    title: 'gate',
    cell: (row: Row) => row.gate.outcome ?? '–',
    tone: (row: Row) => (row.gate.outcome === 'pass' ? 'good' : row.gate.outcome === 'fail' ? 'bad' : 'plain'),
  },
  {
    title: 'compared',
    align: 'right',
    cell: ({ verdicts }: Row) =>
      count(['match', 'settled', 'mismatch'].reduce((sum, kind) => sum + (verdicts[kind] ?? 0), 0)),
  },
  { title: 'mismatches', align: 'right', cell: (row: Row) => count(row.verdicts.mismatch ?? 0) },
  {
    title: 'mismatch rate',
    cell: (row: Row) => rateWords(row.rate, row.compared, row.bound, row.limit),
  },
  { title: 'skipped', align: 'right', cell: (row: Row) => count(row.verdicts.skipped ?? 0) },
  {
    title: 'failed',
    align: 'right',
    cell: (row: Row) => count((row.verdicts.twin_error ?? 0) + (row.verdicts.twin_timeout ?? 0)),
  },
  { title: 'why', cell: ({ gate: { reason } }: Row) => shortened(reason ?? '', 60) },
] as const;

async function overview(
  admin: string,
  headers: Readonly<Record<string, string>>,
  over: AbortSignal,
): Promise<readonly Row[]> {
  const said = await askAdmin(admin, '/api/overview', headers, over);
  if ('domains' in said && Array.isArray(said.domains)) return said.domains;
  throw new ShadowError('SHADOW_REFUSED', 'what answers is no admin port of this version', {
    expected: `a running proxy at ${admin}`,
    exit: EXIT.undecided,
  });
}
