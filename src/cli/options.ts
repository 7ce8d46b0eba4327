/** Options as commander leaves them, read with their types. */
import { type Config, type LoadedConfig, loadConfig } from '../config.ts';
import { ShadowError } from '../errors.ts';

export type Options = Readonly<Record<string, unknown>>;

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOption(options: Options, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}

export const flagOption = (options: Options, name: string): boolean => options[name] === true;

export function listOption(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export const isJson = (options: Options): boolean => options.format === 'json';

/** The config that `--config`, `--routes`, SHADOWREAD_CONFIG and the environment give. */
export function configOf(options: Options): LoadedConfig {
  // By the environment, so that the processes of a crew read the same.
  const table = textOption(options, 'routes');
  if (table !== undefined) process.env.SHADOWREAD_ROUTES = table;
  return loadConfig(textOption(options, 'config') ?? null, process.env);
}

/** `MIGRATION_PG_URL`, without which nothing that touches the twin's Postgres runs. */
export function migrationUrl(config: Config): string {
  return needed(
    config.stores.postgres,
    'MIGRATION_PG_URL',
    'the URL of the Postgres that the domain moves to',
    'postgres://user@127.0.0.1:5432/amanat',
  );
}

export function mongoUrl(config: Config): string {
  return needed(
    config.stores.mongo,
    'MONGODB_URI',
    'the URI of the MongoDB that serves the API',
    'mongodb://127.0.0.1:27017/amanat',
  );
}

export function journalUrl(config: Config): string {
  return needed(
    config.journal.url,
    'SHADOWREAD_JOURNAL_URL',
    'the URL of the journal',
    'postgres://user@127.0.0.1:5432/shadowread',
  );
}

function needed(value: string | undefined, variable: string, expected: string, example: string): string {
  if (value !== undefined) return value;
  throw new ShadowError('SHADOW_USAGE', `this command needs ${variable}`, {
    expected,
    actual: 'nothing',
    example: `${variable}=${example}`,
  });
}

/** Refuses a domain that no route belongs to. */
export function requireDomain(domain: string, known: readonly string[]): void {
  if (known.includes(domain)) return;
  throw new ShadowError('SHADOW_DOMAIN', 'there is no domain of this name', {
    expected: `one of ${known.join(', ')}`,
    actual: domain,
  });
}
