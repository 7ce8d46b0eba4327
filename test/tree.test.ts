/** The house: which folders there are, and who may import whom. Five rules, stated once, here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { COMMANDS } from '../src/cli/commands/all.ts';
import { nameOf } from '../src/cli/commands/declare.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly file: string;
  readonly line: number;
  /** The imported file, from the root of the tree. */
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Rooms without a flow: files at the top of src/ that hold values and types, and what every room may use. */
const COMMON = new Set(['types.ts', 'types', 'errors.ts', 'base']);
/** Stages in the order of the flow, each with the door of the next one and what else it reads. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  proxy: [],
  mirror: ['src/verifier/protocol.ts'],
  verifier: [],
  journal: ['src/gate/evidence.ts', 'src/gate/decision.ts'],
  gate: [],
  // The admin port shows what the journal has and what the gate, which is pure, says of it.
  admin: ['src/journal/', 'src/gate/'],
};
/** What may import several stages: the wiring, and what the package exports. */
const WIRING = new Set([
  'app.ts',
  'cli',
  'cli.ts',
  'index.ts',
  'express.ts',
  'service',
  'traffic',
  'src/verifier/worker.ts',
]);
/** The first API and its stand-ins: values that only the command line knows. */
const AMANAT = new Set(['amanat', 'comparators', 'routes']);

const roomOf = (file: string): string => {
  const [top, room] = file.split('/');
  return top === 'src' ? (room ?? '') : (top ?? '');
};

/** The rule that an import breaks, in words; null where it keeps all five. */
function broken({ file, target, typeOnly }: Import): string | null {
  const from = roomOf(file);
  const to = roomOf(target);
  if (from === to || COMMON.has(to)) return null;
  if (AMANAT.has(to))
    return AMANAT.has(from) || from === 'cli' ? null : 'only cli imports amanat, comparators and routes';
  if (COMMON.has(from)) return 'base, types and errors import no room';
  if (from === 'rules') return 'rules import only base, types and errors';
  if (from === 'api') return to === 'rules' ? null : 'api imports only base, types, errors and rules';
  const doors = DOORS[from];
  if (doors !== undefined && !WIRING.has(file)) {
    if (to === 'rules' || to === 'api') return null;
    if (typeOnly && to === 'config.ts') return null;
    if (doors.some((door) => target === door || (door.endsWith('/') && target.startsWith(door)))) return null;
    return `a stage imports base, types, errors, rules, api and the door of the next stage (${doors.join(', ') || 'none'})`;
  }
  if (to in DOORS && !WIRING.has(from) && !WIRING.has(file))
    return 'only app, cli, service and the worker import several stages';
  return null;
}

describe('the house', () => {
  it('has one file a command that declares it, and one of the same name that runs it', () => {
    const declared = readdirSync(join(ROOT, 'src/cli/commands')).filter(
      (file) => !['all.ts', 'declare.ts'].includes(file),
    );
    expect(declared.sort()).to.deep.equal(COMMANDS.map((command) => `${nameOf(command)}.ts`).sort());
    expect(declared.filter((file) => !existsSync(join(ROOT, 'src/cli', file)))).to.deep.equal([]);
  });

  it('keeps the rules of who may import whom', () => {
    const imports = sources(join(ROOT, 'src')).flatMap(importsOf);
    expect(imports.length).to.be.greaterThan(1_000);
    const breaches = imports.flatMap((one) => {
      const rule = broken(one);
      return rule === null ? [] : [`${one.file}:${one.line} imports ${one.target}: ${rule}`];
    });
    expect(breaches).to.deep.equal([]);
  });

  for (const [what, file, target, typeOnly] of [
    ['base imports a room', 'src/base/log.ts', 'src/mirror/mirror.ts', true],
    ['rules import an API', 'src/rules/kit.ts', 'src/api/route.ts', true],
    ['an API imports a stage', 'src/api/load.ts', 'src/verifier/table.ts', false],
    ['a stage imports past its door', 'src/mirror/mirror.ts', 'src/verifier/verify.ts', true],
    ['a stage imports upstream', 'src/verifier/verify.ts', 'src/mirror/mirror.ts', true],
    ['a stage loads the config', 'src/proxy/proxy.ts', 'src/config.ts', false],
    ['the migration imports a stage', 'src/migration/drain.ts', 'src/journal/reader.ts', false],
    ['the product imports its first API', 'src/service/cutover.ts', 'src/amanat/index.ts', false],
    ['the wiring imports a comparator', 'src/app.ts', 'src/comparators/payments.ts', false],
  ] as const) {
    it(`tells when ${what}`, () => {
      expect(broken({ file, line: 1, target, typeOnly })).to.be.a('string');
    });
  }

  it('has every folder that docs/architecture.md names, which names every room', () => {
    const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
    const named = [...page.matchAll(/\bsrc\/([a-z]+)\//g)].map(([, room]) => room ?? '');
    expect(named.filter((room) => !existsSync(join(ROOT, 'src', room)))).to.deep.equal([]);
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(rooms.filter((room) => !named.includes(room))).to.deep.equal([]);
  });

  it('has a walk of one read that names each file of src/proxy once', () => {
    const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
    const walk = page.slice(page.indexOf('## Through `src/proxy/`'), page.indexOf('## The stages after it'));
    const named = [...walk.matchAll(/`([a-z-]+\.ts)`/g)].map(([, file]) => file);
    const times = readdirSync(join(ROOT, 'src/proxy'))
      .map((file) => ({ file, times: named.filter((one) => one === file).length }))
      .filter((one) => one.times !== 1);
    expect(times).to.deep.equal([]);
  });

  it('has one limit of time for all tests, and none that is shorter: a slow machine reaches it', () => {
    const { timeout } = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8'));
    const shorter = sources(join(ROOT, 'test')).flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\b(?:this|\}\))\.timeout\(([\d_]+)\)/g)]
        .filter(([, ms = '']) => Number(ms.replaceAll('_', '')) < timeout)
        .map(([limit]) => `${file}: ${limit}`),
    );
    expect(shorter).to.deep.equal([]);
  });

  it('loads no more of undici than asks over HTTP: its entry costs each thread fetch, WebSocket and caches too', () => {
    const whole = sources(join(ROOT, 'src'))
      .filter((file) => !file.startsWith('src/amanat/demo/') && !file.endsWith('.d.ts'))
      .filter((file) => /^import (?!type\b)[^;]*\bfrom 'undici'/m.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(whole).to.deep.equal([]);
  });

  it('has only the wiring, values and what the package exports at the top of src', () => {
    const files = readdirSync(join(ROOT, 'src')).filter((name) => name.endsWith('.ts'));
    expect(files.sort()).to.deep.equal([
      'app.ts',
      'cli.ts',
      'config-schema.ts',
      'config.ts',
      'errors.ts',
      'express.ts',
      'index.ts',
      'types.ts',
    ]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(ROOT, join(folder, name)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [
    ...text.matchAll(/(?:^|\n)\s*(import|export)( type)?\b[^;'"]*?\bfrom '(\.[^']+)'|import\('(\.[^']+)'\)/g),
  ].map(
    (match): Import => ({
      file,
      line: text.slice(0, match.index + 1).split('\n').length,
      target: relative(ROOT, join(ROOT, dirname(file), match[3] ?? match[4] ?? '')),
      typeOnly: match[2] !== undefined,
    }),
  );
}
