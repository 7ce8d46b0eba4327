/** What is wrong with a config: each mistake with its line, what was expected and what was found. */
import { z } from 'zod';
import { nearest } from '../base/nearest.ts';
import { type Config, configSchema } from '../config-schema.ts';
import { ShadowError } from '../errors.ts';
import { withoutCredentials } from './print.ts';
import { isTree, type Tree } from './tree.ts';

/** The line of an option in the file, from 1; null where it is not there. */
export type LineOf = (path: readonly PropertyKey[]) => number | null;

export interface ConfigMistake {
  /** 1-based; null where the mistake is in the environment or an absent key. */
  readonly line: number | null;
  readonly path: string;
  readonly message: string;
}

/** A config that is not valid, as far as it could be read: what else is wrong with it can still be found. */
export interface ConfigDraft {
  readonly raw: { readonly [key: string]: unknown };
  readonly lineOf: LineOf;
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

export function mistakesOf(
  issue: z.core.$ZodIssue,
  raw: Tree,
  lineOf: LineOf,
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
  const printed = path.endsWith('token')
    ? 'a value that is not shown'
    : clip(JSON.stringify(withoutCredentials(found)) ?? 'nothing');
  return [
    {
      line: variable === undefined ? lineOf(issue.path) : null,
      path: variable === undefined ? path : `${path} (from ${variable})`,
      message: `expected ${expectation(issue)}; found ${printed}${meantBy(found, issue)}`,
    },
  ];
}

function meant(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === null ? '' : `; did you mean ${near}?`;
}

/** What was meant by a misspelt word of a list, or by the first key of a mapping that is none of several forms. */
function meantBy(found: unknown, issue: z.core.$ZodIssue): string {
  const [word] = isTree(found) ? Object.keys(found) : [found];
  if (typeof word !== 'string') return '';
  if (issue.code === 'invalid_value') return meant(word, issue.values.map(String));
  return issue.code === 'invalid_union' ? meant(word, issue.message.match(/[A-Za-z_]\w+/g) ?? []) : '';
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
      if (issue.expected === 'object' || issue.expected === 'record') return mappingAt(issue.path);
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

/** Options named, so that whoever wrote a value in place of them sees where it belongs. */
function mappingAt(path: readonly PropertyKey[]): string {
  const [first, ...others] = optionsAt(configSchema, path);
  if (first === undefined) return 'a mapping';
  return `a mapping, such as { ${first}: … }${others.length === 0 ? '' : `, with ${[first, ...others].join(', ')}`}`;
}

/** Settings that would do nothing while they look as if they did. */
export function silentNoOps(config: Config, lineOf: LineOf): ConfigMistake[] {
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

const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
