/** A command line run in this process, with an environment that names no side and no store. */
import { main } from '../../src/cli.ts';

const NONE = [
  'SHADOWREAD_PRIMARY_URL',
  'SHADOWREAD_TWIN_URL',
  'SHADOWREAD_JOURNAL_URL',
  'MONGODB_URI',
  'MIGRATION_PG_URL',
  'SHADOWREAD_CONFIG',
] as const;

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** What it wrote and how it ended. */
export async function runCommand(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const kept = { ...process.env };
  for (const name of NONE) delete process.env[name];
  Object.assign(process.env, environment);
  const written = { out: '', err: '' };
  const [out, err] = [process.stdout.write, process.stderr.write];
  process.stdout.write = (text: string | Uint8Array) => {
    written.out += String(text);
    return true;
  };
  process.stderr.write = (text: string | Uint8Array) => {
    written.err += String(text);
    return true;
  };
  try {
    return { status: await main(argv), ...written };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
    for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
    Object.assign(process.env, kept);
  }
}
