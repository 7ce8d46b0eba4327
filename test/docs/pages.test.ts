/**
 * What the pages tell people to type, to set and to look up is there: commands, options, variables, metrics, files, links.
 * Their TypeScript is compiled where the package is installed (test/e2e/package.pg.mongo.whole.test.ts).
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { commands } from '../../config/reference/commands-page.ts';
import { allOptions } from '../../config/reference/config-page.ts';
import { type Instrument, METRICS, prometheusName } from '../../otel/names.ts';
import { loadConfig } from '../../src/config.ts';
import { messageOf } from '../../src/errors.ts';
import { comparatorFrom } from '../../src/rules/inline.ts';
import * as kit from '../../src/rules/kit.ts';
import { anchorsOf, blocksOf, pages, ROOT, targetOf, wordsOf } from './read-pages.ts';

const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')).scripts;

describe('the pages', () => {
  it('begin with a title, and say their purpose in the next line', () => {
    const wrong = pages.filter(({ text }) => !/^# \S.*\n\n[A-Z`*][^\n]{20,}/.test(text)).map(({ file }) => file);
    expect(wrong).to.deep.equal([]);
  });

  it('link only to what is there, headings included', () => {
    const dead = pages.flatMap(({ file, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const { path, anchor } = targetOf(file, link);
          if (!existsSync(ROOT + path)) return true;
          return anchor !== null && !anchorsOf(readFileSync(ROOT + path, 'utf8')).includes(anchor);
        })
        .map((link) => `${file}: ${link}`),
    );
    expect(dead).to.deep.equal([]);
  });

  it('are all in the index', () => {
    const index = pages.find(({ file }) => file === 'docs/README.md')?.text ?? '';
    const missing = pages.filter(
      ({ file }) =>
        /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/README.md' && !index.includes(`(${file.slice(5)})`),
    );
    expect(missing.map(({ file }) => file)).to.deep.equal([]);
  });

  it('name only commands that the command line takes, with options that they have', () => {
    const typed = pages.flatMap(({ file, code, inline }) =>
      [...code, ...inline]
        .map((line) =>
          line.replace(/^(?:[A-Z_]+=\S+ )+/, '').replace(/^npm run -s shadowread -- |^npx shadowread /, 'shadowread '),
        )
        .filter((line) => line.startsWith('shadowread '))
        .map((line) => ({ file, line })),
    );
    expect(typed.length).to.be.greaterThan(100);
    expect(typed.flatMap(({ file, line }) => mistakeOf(line).map((why) => `${file}: ${line}: ${why}`))).to.deep.equal(
      [],
    );
  });

  it('name only scripts that npm has', () => {
    const named = pages.flatMap(({ file, text }) =>
      [...text.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, script = '']) => `${file}: ${script}`),
    );
    expect(named.filter((one) => scripts[one.split(': ')[1] ?? ''] === undefined)).to.deep.equal([]);
  });

  it('name only options that the config has', () => {
    const known = allOptions().map(({ path }) => path);
    const sections = new Set(known.map((path) => path.split('.')[0]));
    const free = /^(?:ids|domains|routes\.(?:overrides|entries))\b/;
    const named = pages.flatMap(({ file, inline }) =>
      inline
        .map((code) => /^([a-z]+(?:\.[a-zA-Z]+)+)(?:: .*)?$/.exec(code)?.[1])
        .filter((path) => path !== undefined && sections.has(path.split('.')[0]) && !free.test(path))
        .filter((path) => !NOT_OPTIONS.test(path ?? ''))
        .map((path) => ({ file, path: path ?? '' })),
    );
    expect(named.length).to.be.greaterThan(60);
    const wrong = named.filter(({ path }) => !known.some((one) => one === path || one.startsWith(`${path}.`)));
    expect(wrong.map(({ file, path }) => `${file}: ${path}`)).to.deep.equal([]);
  });

  it('name only variables that are read, and metrics that are counted', () => {
    const sources = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => readFileSync(ROOT + file, 'utf8'));
    const variables = new Set(sources.flatMap((text) => text.match(/\bSHADOWREAD_[A-Z_]+\b/g) ?? []));
    const metrics = Object.values<Instrument>(METRICS).map(prometheusName);
    // A decision tells of names that were not taken.
    const wrong = pages
      .filter(({ file }) => !file.startsWith('docs/decisions/'))
      .flatMap(({ file, text }) => [
        ...[...text.matchAll(/\bSHADOWREAD_[A-Z_]+\b/g)]
          .filter(([name]) => !variables.has(name))
          .map(([name]) => `${file}: ${name}`),
        ...[...text.matchAll(/`(shadow_[a-z_]+)/g)]
          .filter(([, name = '']) => !metrics.includes(name.replace(/_(?:bucket|count|sum)$/, '')))
          .map(([, name]) => `${file}: ${name}`),
      ]);
    expect(wrong).to.deep.equal([]);
  });

  it('name only files that are there', () => {
    const named = pages.flatMap(({ file, inline }) =>
      inline
        .filter((code) => /^(?:src|test|docs|config|examples|otel|bench|deploy|bin)\/[\w./-]+$/.test(code))
        .map((path) => ({ file, path })),
    );
    expect(named.length).to.be.greaterThan(40);
    expect(
      named.filter(({ path }) => !existsSync(ROOT + path)).map(({ file, path }) => `${file}: ${path}`),
    ).to.deep.equal([]);
  });

  it('have configs that the real check takes', () => {
    const sections = new Set(allOptions().map(({ path }) => path.split(/[.[]/)[0]));
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-pages-'));
    const file = join(folder, 'config.yaml');
    try {
      const configs = blocksOf('yaml').filter(({ block }) => {
        const data: unknown = parse(block.split(/^---$/m)[0] ?? '');
        return typeof data === 'object' && data !== null && Object.keys(data).every((key) => sections.has(key));
      });
      expect(configs.length).to.be.greaterThan(8);
      const wrong = configs.flatMap(({ file: page, block }) => {
        writeFileSync(file, block);
        try {
          loadConfig(file, {});
          return [];
        } catch (error) {
          return [`${page}: ${messageOf(error)}`];
        }
      });
      expect(wrong).to.deep.equal([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('show every word of a comparator, with one meaning in TypeScript and YAML', () => {
    const page = readFileSync(`${ROOT}docs/writing-a-comparator.md`, 'utf8');
    const rows = [...page.matchAll(/^\| `([^`]+)` \| (?:`([^`]+)`|–) \| \S/gm)].map(([, typescript = '', yaml]) => ({
      typescript,
      yaml,
    }));
    const words = Object.entries(kit)
      .filter(([name, held]) => typeof held === 'function' && name !== 'comparator')
      // `kit.enum` is another name of enumOf.
      .map(([, held]) => held.name);
    expect(words.filter((word) => !rows.some(({ typescript }) => typescript.startsWith(`${word}(`)))).to.deep.equal([]);
    const names = Object.keys(kit).filter((name) => name !== 'enum');
    for (const { typescript, yaml } of rows) {
      if (yaml === undefined) continue;
      const make = new Function('kit', `const { ${names.join(', ')} } = kit; return comparator('x', ${typescript})`);
      const written = comparatorFrom('x', { body: parse(yaml) });
      expect(JSON.stringify(written.body), typescript).to.equal(JSON.stringify(make(kit).body));
    }
  });
});

/** What looks like an option and is a metric, a field of `GET /api/status` or a file. */
const NOT_OPTIONS = /^(?:shadow\.[a-z.]+|journal\.lagSeconds|.*\.(?:ts|yaml|json|md|js))$/;

/** Why the command line would refuse a line; empty where it takes it. Nothing is run. */
function mistakeOf(line: string): readonly string[] {
  // `[--dry-run]` and `(a | b)` are how a usage is written, `…` is whatever comes.
  const words = wordsOf(line.replaceAll(/[[\]()…]/g, ' ').replaceAll(/ \| \S+/g, ''));
  const command = commands().find((one) => one.name() === words[1]);
  if (command === undefined)
    return words[1]?.startsWith('-') === false && !words[1].startsWith('<') ? ['no such command'] : [];
  const own = words.slice(2).filter((word) => !['--config', '--help'].includes(word.split('=')[0] ?? ''));
  try {
    command.configureOutput({ writeErr: () => undefined, outputError: () => undefined });
    const { unknown } = command.parseOptions([...own]);
    return unknown.filter((word) => word.startsWith('-')).map((word) => `no option ${word}`);
  } catch (error) {
    // An option whose value is left out in a sentence is no mistake.
    return /argument missing/.test(messageOf(error)) || line.includes('<') ? [] : [messageOf(error)];
  }
}
