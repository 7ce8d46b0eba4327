/** docs/reference/config.md: every option, from the schema that checks a config. */
import { ENVIRONMENT, RELOADED } from '../../src/config.ts';
import { SECRET_VARIABLES } from '../../src/service/secrets.ts';
import { code, page, table } from './markdown.ts';
import { type OptionNode, sectionsOf } from './option-node.ts';

/** What stands for the key of a free mapping, by its path. */
const KEYS: Readonly<Record<string, string>> = {
  ids: '<collection>',
  domains: '<domain>',
  'routes.overrides': '<METHOD /path>',
};

interface Option {
  readonly path: string;
  readonly node: OptionNode;
}

/** Options below a node, sections before what they hold. */
function optionsOf(path: string, held: OptionNode): readonly Option[] {
  const own = held.description === undefined && held.properties !== undefined ? [] : [{ path, node: held }];
  const below = Object.entries(held.properties ?? {}).flatMap(([key, child]) => optionsOf(`${path}.${key}`, child));
  const items = held.items?.properties === undefined ? [] : optionsOf(`${path}[]`, held.items);
  const key = KEYS[path];
  const free = held.additionalProperties;
  const values =
    key === undefined || free === undefined || typeof free === 'boolean' ? [] : optionsOf(`${path}.${key}`, free);
  return [...own, ...below, ...items, ...values];
}

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 10 });

/** Bounds that only say that a number is a safe integer are none. */
function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: OptionNode): string {
  const above = exclusiveMinimum === undefined ? minimum : exclusiveMinimum;
  const below = exclusiveMaximum === undefined ? maximum : exclusiveMaximum;
  const low =
    above === undefined || above <= Number.MIN_SAFE_INTEGER
      ? ''
      : `${exclusiveMinimum === undefined ? 'from' : 'above'} ${number(above)}`;
  const high =
    below === undefined || below >= Number.MAX_SAFE_INTEGER
      ? ''
      : `${exclusiveMaximum === undefined ? 'to' : 'below'} ${number(below)}`;
  return [low, high].filter((part) => part !== '').join(' ');
}

function typeOf(held: OptionNode): string {
  if (held.enum !== undefined) return held.enum.map((value) => code(String(value))).join(', ');
  if (held.anyOf !== undefined) return [...new Set(held.anyOf.map(typeOf))].join(' or ');
  switch (held.type) {
    case 'array':
      return held.items === undefined
        ? 'list'
        : `list of ${held.items.properties === undefined ? typeOf(held.items) : 'mappings'}`;
    case 'object':
      return 'mapping';
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return 'text';
    case 'integer':
      return `whole number ${bounds(held)}`.trim();
    case 'number':
      return `number ${bounds(held)}`.trim();
    default:
      return Array.isArray(held.type) ? held.type.join(' or ') : 'any';
  }
}

/** Free mappings whose entries all have their own row show no default for the whole. */
function defaultOf({ default: held, properties }: OptionNode): string {
  return held === undefined || properties !== undefined ? '' : code(JSON.stringify(held));
}

/** The comments of config/default.yaml begin with the variable, which has a column here. */
const meaningOf = ({ description = '' }: OptionNode): string => description.replace(/^[A-Z][A-Z_]+\. /, '');

function variablesOf(path: string): string {
  const plain = Object.entries(ENVIRONMENT).filter(([, held]) => held.join('.') === path);
  const secret = Object.entries(SECRET_VARIABLES).filter(([, held]) => held === path);
  return [...plain.map(([name]) => code(name)), ...secret.map(([name]) => `${code(name)} (the secret itself)`)].join(
    ', ',
  );
}

/** A reload applies the option, or the whole it is part of. */
const reloaded = (path: string): boolean =>
  [...RELOADED].some((known) => path === known || path.startsWith(`${known}.`) || path.startsWith(`${known}[`));

export const allOptions = (): readonly Option[] =>
  Object.entries(sectionsOf()).flatMap(([section, held]) => optionsOf(section, held));

export function configPage(): string {
  const sections = Map.groupBy(allOptions(), ({ path }) => path.split(/[.[]/)[0] ?? path);
  return page('Config options', 'Look up one option of the config: its type, default and meaning.', [
    [
      'An option is named by its path: `twin.timeoutMs` is `timeoutMs` in the section `twin`. `[]` stands for each item of a list,',
      '`<…>` for a name of yours. A variable of the environment wins over the file. *Reload* says how a changed value takes effect:',
      '`SIGHUP` applies it to the running process, *restart* needs a new one.',
    ].join('\n'),
    ...[...sections].map(
      ([section, options]) =>
        `## ${section}\n\n${table(
          ['option', 'type', 'default', 'meaning', 'environment', 'reload'],
          options.map(({ path, node: held }) => [
            code(path),
            typeOf(held),
            defaultOf(held),
            meaningOf(held),
            variablesOf(path),
            reloaded(path) ? '`SIGHUP`' : 'restart',
          ]),
        )}`,
    ),
    [
      '## Variables without an option',
      '',
      table(
        ['variable', 'meaning'],
        [
          ['`SHADOWREAD_CONFIG`', 'The config file, where `--config` does not name one.'],
          [
            '`OTEL_EXPORTER_OTLP_ENDPOINT`',
            'Address of the OpenTelemetry collector; without it no trace and no metric is pushed. `/metrics` works without it.',
          ],
          [
            '`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SDK_DISABLED`, …',
            'As the OpenTelemetry specification says.',
          ],
        ],
      ),
    ].join('\n'),
  ]);
}
