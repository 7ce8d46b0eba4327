/** A real `shadowread proxy` process on free ports, and what its admin port says. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { PlaneSnapshot } from '../../src/admin/plane.ts';
import { type Child, startChild } from '../../src/amanat/demo/child.ts';
import type { VerdictKind } from '../../src/types.ts';
import { lookAt } from './look-at.ts';

export type Status = Omit<PlaneSnapshot, 'routes'> & { readonly verdicts: Readonly<Record<VerdictKind, number>> };

/** Far longer than anything takes, on a machine that stands still for seconds, too. */
const LONG_MS = 300_000;
/** No read ends by time, unless the test is about that. */
const PATIENT = [
  [['twin', 'timeoutMs'], 60_000],
  [['twin', 'connectTimeoutMs'], 60_000],
  [['limits', 'waitMs'], 60_000],
  [['verifier', 'niceness'], 0],
] as const;
/** Between two looks at a process that is waited for. */
const LONGEST_PAUSE_MS = 250;

export interface ProxyProcess {
  readonly url: string;
  readonly admin: string;
  readonly child: Child;
  /** The config file it was started with. */
  readonly configFile: string;
  status(): Promise<Status>;
  get<T>(path: string): Promise<T>;
  /** Resolves when `holds`; rejects with the last status after `withinMs`. */
  until(holds: (status: Status) => boolean, withinMs?: number): Promise<Status>;
  /** Resolves when no read is without its verdict. */
  quiet(): Promise<Status>;
  /** The exit status; null where it had to be killed. */
  stop(): Promise<number | null>;
}

export async function startProxyProcess(
  environment: Readonly<Record<string, string | undefined>>,
  config = 'settle: { delaysMs: [20, 60] }\nroutes: { table: amanat }\n',
  args: readonly string[] = [],
): Promise<ProxyProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'shadowread-test-'));
  const configFile = join(folder, 'config.yaml');
  await writeFile(configFile, patient(config));
  const child = await startChild(
    'proxy',
    ['proxy', '--config', configFile, ...args],
    {
      SHADOWREAD_PORT: '0',
      SHADOWREAD_ADMIN_PORT: '0',
      MONGODB_URI: '',
      MIGRATION_PG_URL: '',
      SHADOWREAD_JOURNAL_URL: '',
      SHADOWREAD_TWIN_URL: '',
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
      ...environment,
    },
    LONG_MS,
  );
  const admin = String(child.ready.admin);
  const get = async <T>(path: string): Promise<T> => {
    const answer = await lookAt(`${admin}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const status = () => get<Status>('/api/status');
  const processes = Number(args[args.indexOf('--processes') + 1] ?? 1) || 1;
  const until = async (holds: (now: Status) => boolean, withinMs = LONG_MS): Promise<Status> => {
    const end = Date.now() + withinMs;
    // Each look costs the process what a read costs: ever fewer where it takes long.
    for (let pauseMs = 40; ; pauseMs = Math.min(pauseMs * 1.2, LONGEST_PAUSE_MS)) {
      const now = await status();
      // One that is slow to answer is left out of the figures, which say of how many processes they are.
      if (now.processes === processes && holds(now)) return now;
      if (Date.now() > end) throw new Error(`never came true: ${holds}; ${JSON.stringify(now)}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  // The first reads would be shed while a worker still loads. Behind a token, or without a verifier, nobody waits for one.
  for (;;) {
    const answer = await lookAt(`${admin}/api/status`);
    const now: unknown = answer.ok ? await answer.json() : null;
    if (typeof now !== 'object' || now === null || !('verifier' in now) || now.verifier !== 'starting') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: String(child.ready.proxy),
    admin,
    child,
    configFile,
    status,
    get,
    until,
    quiet: () => until((now) => now.inFlight === 0 && now.journal.lagSeconds === 0),
    async stop() {
      await child.stop(LONG_MS);
      await rm(folder, { recursive: true, force: true });
      return child.ended;
    },
  };
}

function patient(config: string): string {
  const document = parseDocument(config);
  for (const [path, value] of PATIENT) if (!document.hasIn(path)) document.setIn(path, value);
  return document.toString();
}

/** Conservation: what was seen is the sum of all verdicts and what is in flight. */
export function conserved(status: Status): boolean {
  return status.seen === status.inFlight + Object.values(status.verdicts).reduce((sum, n) => sum + n, 0);
}

/** The processes that this one has started; on Linux alone. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}
