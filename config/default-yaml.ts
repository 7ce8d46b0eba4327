/** config/default.yaml: every option with its default and meaning, from the schema that checks a config. */
import { stringify } from 'yaml';
import { type OptionNode, sectionsOf } from './reference/option-node.ts';

const WIDTH = 120;
const HEAD = `# yaml-language-server: $schema=./config.schema.json
# Every option with its default, written by \`npm run schema\`. Copy what you change into a file of your own and name it with
# --config or SHADOWREAD_CONFIG. The environment (in capitals below) wins over the file. \`shadowread config check FILE\`
# checks it.
`;

export function defaultYaml(): string {
  const sections = Object.entries(sectionsOf()).map(([name, held]) => linesOf(name, held, '').join('\n'));
  return `${HEAD}\n${sections.join('\n\n')}\n`;
}

/** An option as YAML. One without a default is a comment, and so is all that lies below it. */
function linesOf(key: string, held: OptionNode, indent: string): string[] {
  const { properties, description } = held;
  if (properties === undefined) return leaf(key, held, indent);
  const below = Object.entries(properties).flatMap(([name, child]) => linesOf(name, child, `${indent}  `));
  const absent = held.default === undefined;
  const shown = absent ? below.map((line) => commented(line, indent)) : below;
  return [...commentOf(description, indent), `${indent}${absent ? '# ' : ''}${key}:`, ...shown];
}

function leaf(key: string, { default: value, description }: OptionNode, indent: string): string[] {
  const line = value === undefined ? `${indent}# ${key}:` : `${indent}${key}: ${inline(value)}`;
  const whole = description === undefined ? line : `${line} # ${description}`;
  return whole.length <= WIDTH ? [whole] : [...commentOf(description, indent), line];
}

const inline = (value: unknown): string =>
  stringify(value, {
    flowCollectionPadding: false,
    collectionStyle: 'flow',
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
  }).trim();

/** A line below a commented option is a comment too, once. */
const commented = (line: string, indent: string): string => {
  const rest = line.slice(indent.length);
  return `${indent}# ${rest.replace(/^( *)# /, '$1')}`;
};

/** A long meaning stands above its option, in lines. */
function commentOf(text: string | undefined, indent: string): string[] {
  if (text === undefined) return [];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}# ${word}`);
  }
  return lines;
}
