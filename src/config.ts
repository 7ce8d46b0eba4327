/**
 * Config: a YAML file over the defaults, the environment over the file. Validated as a whole, every mistake with its
 * line; frozen; read again on reload, where a bad file leaves the one in force.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { entryMistakes } from './api/entry-mistakes.ts';
import { nearest } from './base/nearest.ts';
import { type Config, type ConfigInput, configSchema } from './config-schema.ts';
import { messageOf, ShadowError } from './errors.ts';

export type { Config, ConfigInput, YamlRoute } from './config-schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfig {
  readonly config: Config;
  /** Where it was read from; null where only defaults and environment were used. */
  readonly file: string | null;
  /** First 16 hex digits of the SHA-256 over the effective config without secrets. */
  readonly digest: string;
  /** The line of an option in the file, from 1; null where it is not there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | null;
}

export interface ConfigMistake {
  /** 1-based; null where the mistake is in the environment or an absent key. */
  readonly line: number | null;
  readonly path: string;
  readonly message: string;
}

/** A config that is not valid, as far as it could be read: what else is wrong with it can still be found. */
export interface ConfigDraft {
  readonly raw: { readonly [key: string]: unknown };
  readonly lineOf: LoadedConfig['lineOf'];
}

/** All mistakes of one config, one sentence each. */
export class ConfigError extends ShadowError {
  readonly file: string | null;
  readonly mistakes: readonly ConfigMistake[];
  /** Null where it could not even be read as YAML. */
  readonly draft: ConfigDraft | null;
  constructor(file: string | null, mistakes: readonly ConfigMistake[], draft: ConfigDraft | null = null) {
    const where = file ?? 'the environment';
    const lines = mistakes.map(
      ({ line, path, message }) => `${where}${line === null ? '' : `:${line}`}: ${path}: ${message}`,
    );
    super('SHADOW_CONFIG', lines.join('\n'));
    this.name = 'ConfigError';
    this.file = file;
    this.mistakes = mistakes;
    this.draft = draft;
  }
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

type Tree = { [key: string]: unknown };

/**
 * Loads, validates and freezes. `file` null reads only defaults and environment.
 * @throws ConfigError with every mistake; ShadowError SHADOW_CONFIG for a file that cannot be read.
 */
export function loadConfig(file: string | null, environment: Environment): LoadedConfig {
  return parseConfig(file === null ? '{}' : readText(file), file, environment);
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
  const raw: unknown = plainOf(document, file) ?? {};
  if (!isTree(raw))
    throw new ConfigError(file, [{ line: 1, path: '(root)', message: `expected sections; found ${kindOf(raw)}` }]);
  dropEmpty(raw);
  const fromEnvironment = applyEnvironment(raw, environment);
  const parsed = configSchema.safeParse(raw);
  const lineOf = (path: readonly PropertyKey[]): number | null => {
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

/** @throws ConfigError for aliases that name nothing, or more of them than a config can need. */
function plainOf(document: ReturnType<typeof parseDocument>, file: string | null): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError(file, [{ line: null, path: '(yaml)', message: messageOf(error) }]);
  }
}

/** The effective config as YAML, secrets and credentials in URLs left out. */
export function printConfig(config: Config): string {
  return stringify(withoutSecrets(config), { lineWidth: 120 });
}

/** Options that SIGHUP applies at once. Sockets, threads and stores are opened with all others, which need a restart. */
export const RELOADED: ReadonlySet<string> = new Set([
  'twin.concurrency',
  'twin.perSecond',
  'shadow.enabled',
  'shadow.sample',
  'shadow.sampleBy',
  'limits.heldBytes',
  'limits.bodyBytes',
  'limits.queue',
  'limits.recheckPerSecond',
  'routes.overrides',
  'domains',
  // Its files are read again. Whether there is TLS at all is for a restart.
  'listen.tls',
]);

/** Paths of the options whose change needs a restart. */
export function needsRestart(before: Config, after: Config): readonly string[] {
  const changed = changedPaths(before, after, '');
  const protocol = (before.listen.tls === undefined) !== (after.listen.tls === undefined);
  return protocol ? [...changed, 'listen.tls'] : changed;
}

function changedPaths(before: unknown, after: unknown, path: string): string[] {
  if (RELOADED.has(path)) return [];
  if (!isTree(before) || !isTree(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedPaths(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

function entriesIn({ routes }: Tree): readonly unknown[] {
  return isTree(routes) && Array.isArray(routes.entries) ? routes.entries : [];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ShadowError('SHADOW_CONFIG', `the config file cannot be read`, {
      expected: 'a readable YAML file',
      actual: messageOf(error),
      example: 'shadowread proxy --config config/default.yaml',
    });
  }
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

function mistakesOf(
  issue: z.core.$ZodIssue,
  raw: Tree,
  lineOf: (path: readonly PropertyKey[]) => number | null,
  fromEnvironment: ReadonlyMap<string, string>,
): ConfigMistake[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      line: lineOf([...issue.path, key]),
      path: [...issue.path, key].map(String).join('.'),
      message: `there is no such option${meant(key, optionsAt(configSchema, issue.path))}; \`shadowread config check\` prints those there are`,
    }));
  }
  const path = issue.path.map(String).join('.');
  const found = issue.path.reduce<unknown>(
    (value, key) => (isTree(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined),
    raw,
  );
  const variable = fromEnvironment.get(path);
  const shown = path.endsWith('token')
    ? 'a value that is not shown'
    : clip(JSON.stringify(withoutCredentials(found)) ?? 'nothing');
  return [
    {
      line: variable === undefined ? lineOf(issue.path) : null,
      path: variable === undefined ? path : `${path} (from ${variable})`,
      message: `expected ${expectation(issue)}; found ${shown}`,
    },
  ];
}

function meant(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === null ? '' : `; did you mean ${near}?`;
}

/** Names of the options that a schema has at a path; empty where they are free. */
function optionsAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema;
  for (const key of [null, ...path]) {
    if (key !== null) {
      if (at instanceof z.ZodObject) at = at.shape[String(key)];
      else if (at instanceof z.ZodArray) at = at.element;
      else if (at instanceof z.ZodRecord) at = at.valueType;
      else return [];
    }
    while (at instanceof z.ZodDefault || at instanceof z.ZodPrefault || at instanceof z.ZodOptional) at = at.unwrap();
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'too_small':
      return `at least ${String(issue.minimum)}`;
    case 'too_big':
      return `at most ${String(issue.maximum)}`;
    default:
      return issue.message;
  }
}

/** Settings that would do nothing while they look as if they did. */
function silentNoOps(config: Config, lineOf: (path: readonly PropertyKey[]) => number | null): ConfigMistake[] {
  const mistakes: ConfigMistake[] = [];
  if (config.shadow.enabled && config.shadow.sample === 0) {
    mistakes.push({
      line: lineOf(['shadow', 'sample']),
      path: 'shadow.sample',
      message: 'expected more than 0 while shadow.enabled is true; found 0; for example: shadow: { enabled: false }',
    });
  }
  for (const [key, override] of Object.entries(config.routes.overrides)) {
    if (!override.paused && override.sample === 0) {
      mistakes.push({
        line: lineOf(['routes', 'overrides', key, 'sample']),
        path: `routes.overrides.${key}.sample`,
        message: 'expected more than 0; found 0; for example: { paused: true }',
      });
    }
  }
  return mistakes;
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : null;
}

const asIndex = (key: string): string | number => (/^\d+$/.test(key) ? Number(key) : key);
const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}

function digestOf(config: Config): string {
  return createHash('sha256')
    .update(JSON.stringify(withoutSecrets(config)))
    .digest('hex')
    .slice(0, 16);
}

function withoutSecrets(config: Config): unknown {
  const { token, ...admin } = config.admin;
  return withoutCredentials({ ...config, admin: token === undefined ? admin : { ...admin, token: '(set)' } });
}

/** User and password of any URL in the value become `***`. */
function withoutCredentials(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^([a-z+]+:\/\/)[^/@\s]*@/i, '$1***@');
  if (Array.isArray(value)) return value.map(withoutCredentials);
  if (isTree(value))
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, withoutCredentials(held)]));
  return value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const held of Object.values(value)) deepFreeze(held);
    Object.freeze(value);
  }
  return value;
}
