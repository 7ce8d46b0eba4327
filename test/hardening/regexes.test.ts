import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Node, parse } from 'acorn';
import { expect } from 'chai';
import { check } from 'recheck';
import { sized } from '../support/sized.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Found {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** Every regular expression that our sources write as such, and where patterns are made at run time. */
function regexesOf(path: string): { readonly literals: Found[]; readonly made: string[] } {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = path.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  const literals: Found[] = [];
  const made: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    if ('regex' in node && typeof node.regex === 'object' && node.regex !== null && 'loc' in node) {
      const { pattern, flags } = node.regex as { pattern: string; flags: string };
      const { start } = node.loc as { start: { line: number } };
      literals.push({ place: `${path}:${start.line}`, source: pattern, flags });
    }
    if ('type' in node && (node.type === 'NewExpression' || node.type === 'CallExpression') && 'callee' in node) {
      const callee = node.callee as Node & { name?: string };
      if (callee.name === 'RegExp') made.push(path);
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true, allowHashBang: true }));
  return { literals, made };
}

/** What the checker says of it: `safe`, or how its time grows. */
async function diagnosis({ source, flags }: Found): Promise<string> {
  const said = await check(source, flags.replace(/[dv]/g, ''), { timeout: 10_000 });
  return `${said.status}${'complexity' in said && said.status !== 'safe' ? ` ${said.complexity?.summary}` : ''}`;
}

const CHECKED = new URL('./regexes-checked.json', import.meta.url);
const { version }: { readonly version: string } = createRequire(import.meta.url)('recheck/package.json');

/**
 * What this version of the checker said of each expression on a machine at rest; where there is a lookahead it tries for a
 * time only, and finds other things on a busy one.
 * One that is not among them is checked. `RECORD_REGEXES=1` writes the file, the whole run asks for all again.
 */
const KNOWN = checkedBefore();

function checkedBefore(): Readonly<Record<string, string>> {
  const kept: { readonly version: string; readonly found: Record<string, string> } = JSON.parse(
    readFileSync(CHECKED, 'utf8'),
  );
  return kept.version === version ? kept.found : {};
}

describe('regular expressions', function () {
  this.timeout(900_000);
  const files = ['src', 'otel', 'bin', 'config'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.[jt]s$/.test(path))
      .map((path) => join(folder, path)),
  );

  it('take no more than a time that grows with the text, whatever the text', async () => {
    const literals = files.flatMap((file) => regexesOf(file).literals);
    expect(literals.length).to.be.greaterThan(200);
    const places = Map.groupBy(literals, ({ source, flags }) => `/${source}/${flags}`);
    const slow: string[] = [];
    const found: Record<string, string> = {};
    for (const [shown, all] of places) {
      const [first] = all;
      const others = all.filter(({ place }) => !TOLD.some(([told]) => told.test(place)));
      if (first === undefined || others.length === 0) continue;
      const said = sized(KNOWN[shown], undefined) ?? (await diagnosis(first));
      // One that the checker could not tell in its time is asked for again.
      if (!said.startsWith('unknown')) found[shown] = said;
      if (said === 'safe') continue;
      slow.push(`${others.map(({ place }) => place).join(', ')} ${shown}: ${said}`);
    }
    if (process.env.RECORD_REGEXES === '1') writeFileSync(CHECKED, `${JSON.stringify({ version, found }, null, 2)}\n`);
    expect(slow).to.deep.equal([]);
  });

  it('are made at run time in known places alone', () => {
    expect(files.flatMap((file) => regexesOf(file).made)).to.deep.equal(MADE);
  });
});

/** What is slow on long texts, and why no long text of a stranger's comes to it. */
const TOLD: readonly (readonly [place: RegExp, why: string])[] = [
  [/^src\/api\/(entry-mistakes|module-code|pattern)\.ts/, 'what a config and its modules say, read once at start'],
  [/^src\/api\/sent-fields\.ts/, 'the text was parsed as JSON before: every string in it has its end'],
  [/^src\/rules\/headers\.ts/, 'a field holds no line break, without which the match never fails'],
  [/^src\/traffic\/openapi\//, 'the document of whoever drafts the config'],
  [/^config\//, 'the build, which reads its own tree'],
  [/^src\/stores\/embedded\//, 'the embedded MongoDB serves demo and tests alone'],
  [
    /^src\/traffic\/formats\/(log-tokens|postman-variables)\.ts/,
    "the operator's own log format and files, read by a command",
  ],
  [/^src\/base\/driver-guard\.ts/, "a stack of the driver's, which V8 keeps short"],
  [/^src\/migration\/reconcile\/units\.ts/, 'as many digits as a scale has'],
  [/^src\/amanat\/twin\/render\.ts/, 'a numeric(38,18)'],
  [/^src\/verifier\/where-of\.ts/, '2,000 characters'],
];

/** From whose pattern: the embedded store's `$regex`, in demo and tests; our own list of packages, at the build. */
/** In csv.ts of one escaped separator; in strftime.ts of pieces that each match some characters, without a repeat around them. */
const MADE = [
  'src/rules/engine/csv.ts',
  'src/traffic/formats/strftime.ts',
  'src/stores/embedded/query/regex.ts',
  'config/bundle.ts',
];
