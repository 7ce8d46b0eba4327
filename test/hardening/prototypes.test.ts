import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { paramsOf } from '../../src/api/pattern.ts';
import { queryFrom } from '../../src/api/written-query.ts';
import { fieldOf, requestFields } from '../../src/base/fields.ts';
import { changedFields } from '../../src/base/header-changes.ts';
import { loadConfig } from '../../src/config.ts';
import { ShadowError } from '../../src/errors.ts';
import { tableOf } from '../../src/rules/engine/csv.ts';
import { comparatorFrom } from '../../src/rules/inline.ts';
import { parseJson } from '../../src/rules/parse.ts';
import { READERS } from '../../src/traffic/formats/format.ts';
import { compared, said } from '../support/comparing.ts';

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'] as const;

/** Of every object and function, before and after: nothing that was read may have come there. */
const prototypes = (): string =>
  [Object.prototype, Function.prototype, Array.prototype, String.prototype, Object]
    .map((one) => Reflect.ownKeys(one).map(String).join(','))
    .join('|');

describe('names that objects already have', () => {
  const before = prototypes();
  afterEach(() => {
    expect(prototypes(), 'prototypes').to.equal(before);
    expect({}, 'a fresh object').to.not.have.property('polluted');
  });

  const configured = (yaml: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-names-'));
    try {
      const file = join(folder, 'config.yaml');
      writeFileSync(file, yaml);
      loadConfig(file, {});
      return 'taken';
    } catch (error) {
      if (error instanceof ShadowError) return error.code;
      throw error;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('change nothing as keys of a config, at any depth', () => {
    for (const name of NAMES) {
      expect(configured(`${name}: { polluted: 1 }\n`), name).to.equal('SHADOW_CONFIG');
      expect(configured(`${name}: { prototype: { polluted: 1 } }\n`), name).to.equal('SHADOW_CONFIG');
      expect(configured(`shadow:\n  ${name}: { polluted: 1 }\n`), name).to.equal('SHADOW_CONFIG');
      expect(configured(`x: &a { ${name}: { polluted: 1 } }\nshadow: { <<: *a }\n`), name).to.equal('SHADOW_CONFIG');
      configured(`domains: { ${name}: { stage: shadow } }\nroutes: { overrides: { ${name}: { paused: true } } }\n`);
      configured(
        `routes: { entries: [{ pattern: /a/:${name}, domain: ${name}, comparator: { body: { object: { ${name}: text } } } }] }\n`,
      );
    }
  });

  it('are fields like any other in rules written in YAML', () => {
    for (const name of NAMES) {
      const { body } = comparatorFrom(
        'names',
        parse(`{ body: { object: { ${name}: { ignored: noise } } }, error: strict }`),
      );
      const [mine, its] = [JSON.parse(`{"${name}":1}`), JSON.parse(`{"${name}":2}`)];
      expect(said(compared(body, mine, its)), `${name}, ignored`).to.deep.equal([]);
      const named = comparatorFrom('names', parse(`{ body: { object: { ${name}: text } }, error: strict }`)).body;
      expect(said(compared(named, mine, its)), `${name}, named`).to.have.length(1);
    }
  });

  it('are keys like any other in bodies: one that differs, lacks or comes too much is found', () => {
    const { body } = comparatorFrom('names', parse('{ body: strict, error: strict }'));
    for (const name of NAMES) {
      const read = (json: string) => {
        const result = parseJson(Buffer.from(json));
        if (!result.ok) throw new Error(result.detail);
        return result.value;
      };
      const pairs: readonly (readonly [string, string])[] = [
        [`{"${name}":{"polluted":1}}`, `{"${name}":{"polluted":2}}`],
        [`{"${name}":{"polluted":1}}`, '{}'],
        ['{}', `{"${name}":{"polluted":1}}`],
        [`{"a":{"${name}":null}}`, '{"a":{}}'],
      ];
      for (const [mine, its] of pairs)
        expect(said(compared(body, read(mine), read(its))), `${mine} ${its}`).to.have.length(1);
      expect(said(compared(body, read(`{"${name}":1}`), read(`{"${name}":1}`))), name).to.deep.equal([]);
    }
  });

  it('are columns, parameters and fields like any other', () => {
    for (const name of NAMES) {
      const table = tableOf(`a,${name}\n1,2\n`);
      expect(Object.entries(table?.rows[0] ?? {}), name).to.deep.equal([
        ['a', '1'],
        [name, '2'],
      ]);
      expect(Object.entries(paramsOf(`/x/:${name}`, '/x/7')), name).to.deep.equal([[name, '7']]);
      const { query } = queryFrom(JSON.parse(`{"${name}":"text","b":"page"}`));
      // What the schema's library leaves out is undeclared, which the gate tells; it never becomes a prototype.
      expect(Object.getPrototypeOf(query), name).to.equal(Object.prototype);
      expect(Object.keys(query)).to.include('b');
      expect(fieldOf([name, 'x'], name.toLowerCase()), name).to.equal('x');
      expect(fieldOf([], name.toLowerCase()), name).to.equal(null);
      const { forward } = requestFields([name, 'x', 'Host', 'h'], { missingHost: 'h', replaceHost: null });
      expect(forward, name).to.include.members([name, 'x']);
      expect(
        changedFields([name, 'x', 'Host', 'h'], { set: { b: '1' }, rename: { c: 'd' }, drop: ['e'] }, 'h'),
      ).to.include(name);
    }
  });

  it('fill nothing in recorded traffic', async () => {
    for (const name of NAMES) {
      const file = JSON.stringify({
        info: { schema: 'v2.1' },
        variable: [{ key: 'base', value: 'http://a.example' }],
        item: [
          { name: 'x', request: { method: 'GET', url: `{{base}}/x/{{${name}}}`, header: [{ key: name, value: '1' }] } },
        ],
      });
      const source = async function* () {
        yield Buffer.from(file);
      };
      for await (const one of READERS.postman(source(), { logFormat: null, variables: {} }))
        expect(JSON.stringify(one), name).to.not.match(/native code|\[object|function/);
    }
  });
});
