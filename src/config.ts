/**
 * Config: a YAML file over the defaults, the environment over the file. Validated as a whole, every mistake with its
 * line; frozen; read again on reload, where a bad file leaves the one in force.
 */
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { entryMistakes } from './api/entry-mistakes.ts';
import { readConfigFile, readConfigFileAgain } from './config/file.ts';
import { ConfigError, type LineOf, mistakesOf, silentNoOps } from './config/mistakes.ts';
import { digestOf } from './config/print.ts';
import { isTree, kindOf, type Tree } from './config/tree.ts';
import { type Config, type ConfigInput, configSchema } from './config-schema.ts';
import { messageOf } from './errors.ts';

export { canBeReadAgain } from './config/file.ts';
export { type ConfigDraft, ConfigError, type ConfigMistake } from './config/mistakes.ts';
export { printConfig } from './config/print.ts';
export { needsRestart, RELOADED } from './config/reload.ts';
export type { Config, ConfigInput, YamlRoute } from './config-schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfig {
  readonly config: Config;
  /** Where it was read from; null where only defaults and environment were used. */
  readonly file: string | null;
  /** First 16 hex digits of the SHA-256 over the effective config without secrets. */
  readonly digest: string;
  readonly lineOf: LineOf;
}

/** Environment names and the config path that each one overrides. */
export const ENVIRONMENT = {
  SHADOWREAD_PRIMARY_URL: ['primary', 'url'],
  SHADOWREAD_TWIN_URL: ['twin', 'url'],
  SHADOWREAD_ROUTES: ['routes', 'table'],
  SHADOWREAD_PORT: ['listen', 'port'],
  SHADOWREAD_ADMIN_PORT: ['admin', 'port'],
  SHADOWREAD_ADMIN_TOKEN: ['admin', 'token'],
  SHADOWREAD_JOURNAL_URL: ['journal', 'url'],
  MONGODB_URI: ['stores', 'mongo'],
  MIGRATION_PG_URL: ['stores', 'postgres'],
} as const;

/**
 * Loads, validates and freezes. `file` null reads only defaults and environment.
 * @throws ConfigError with every mistake; ShadowError SHADOW_CONFIG for a file that cannot be read.
 */
export function loadConfig(file: string | null, environment: Environment): LoadedConfig {
  return parseConfig(file === null ? '{}' : readConfigFile(file), file, environment);
}

/**
 * The same while a config is in force.
 * @throws also for a file that is empty now, or cannot be read a second time.
 */
export function reloadConfig(file: string | null, environment: Environment): LoadedConfig {
  return parseConfig(file === null ? '{}' : readConfigFileAgain(file), file, environment);
}

/**
 * A config written in code, checked as a file is; the environment has no say in it.
 * @throws ConfigError with every mistake.
 */
export function defineConfig(input: ConfigInput): Config {
  return configOf(input, {}).config;
}

/** The same with what the environment says over it. */
export function configOf(input: ConfigInput, environment: Environment): LoadedConfig {
  return parseConfig(JSON.stringify(input), null, environment);
}

function parseConfig(text: string, file: string | null, environment: Environment): LoadedConfig {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      file,
      document.errors.map((error) => ({
        line: lineCounter.linePos(error.pos[0]).line,
        path: '(yaml)',
        message: error.message.split('\n')[0] ?? error.message,
      })),
    );
  }
  const raw: unknown = plainOf(document, file, lineCounter) ?? {};
  if (!isTree(raw))
    throw new ConfigError(file, [{ line: 1, path: '(root)', message: `expected sections; found ${kindOf(raw)}` }]);
  dropEmpty(raw);
  const fromEnvironment = applyEnvironment(raw, environment);
  const parsed = configSchema.safeParse(raw);
  const lineOf: LineOf = (path) => {
    for (let depth = path.length; depth > 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth).map(String).map(asIndex), true);
      const offset = rangeStart(node);
      if (offset !== null) return lineCounter.linePos(offset).line;
    }
    return null;
  };
  const mistakes = [
    ...(parsed.success
      ? silentNoOps(parsed.data, lineOf)
      : parsed.error.issues.flatMap((issue) => mistakesOf(issue, raw, lineOf, fromEnvironment))),
    ...entryMistakes(entriesIn(raw)).map(({ path, message }) => {
      const whole = ['routes', 'entries', ...path];
      return { line: lineOf(whole), path: whole.map(String).join('.'), message };
    }),
  ];
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(file, mistakes, { raw, lineOf });
  const config = deepFreeze(parsed.data);
  return Object.freeze({ config, file, digest: digestOf(config), lineOf });
}

/** @throws ConfigError for aliases that name nothing or what they stand in, or more of them than a config can need. */
function plainOf(document: Document.Parsed, file: string | null, lines: LineCounter): unknown {
  try {
    return unshared(document.toJS(), []);
  } catch (error) {
    throw new ConfigError(file, [{ line: aliasLine(document, lines), path: '(yaml)', message: messageOf(error) }]);
  }
}

/** Of the first alias that names nothing; null where there is none. */
function aliasLine(document: Document.Parsed, lines: LineCounter): number | null {
  let line: number | null = null;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      line = lines.linePos(alias.range?.[0] ?? 0).line;
      return visit.BREAK;
    },
  });
  return line;
}

/** What an alias repeats is a copy: else what the environment says of one section would change the other. */
function unshared(value: unknown, within: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (within.includes(value)) throw new Error('an alias names what it stands in');
  const inner = [...within, value];
  if (Array.isArray(value)) return value.map((one) => unshared(one, inner));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unshared(one, inner)]));
}

function entriesIn({ routes }: Tree): readonly unknown[] {
  return isTree(routes) && Array.isArray(routes.entries) ? routes.entries : [];
}

/** A key without a value (a section whose lines are all comments) counts as absent. */
function dropEmpty(tree: Tree): void {
  for (const [key, value] of Object.entries(tree)) {
    if (value === null) delete tree[key];
    else if (isTree(value)) dropEmpty(value);
  }
}

function applyEnvironment(raw: Tree, environment: Environment): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const [name, path] of Object.entries(ENVIRONMENT)) {
    const value = environment[name];
    if (value === undefined || value === '') continue;
    const [section, key] = path;
    const held = Object.hasOwn(raw, section) ? raw[section] : undefined;
    const tree: Tree = isTree(held) ? held : {};
    tree[key] = key === 'port' && /^\d+$/.test(value) ? Number(value) : value;
    raw[section] = tree;
    used.set(path.join('.'), name);
  }
  return used;
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : null;
}

const asIndex = (key: string): string | number => (/^\d+$/.test(key) ? Number(key) : key);
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const held of Object.values(value)) deepFreeze(held);
    Object.freeze(value);
  }
  return value;
}
