/** docs/reference/ is what the code says: whoever changes an option, a command, a name or a call runs `npm run reference`. */
import { readFileSync } from 'node:fs';
import SwaggerParser from '@apidevtools/swagger-parser';
import { expect } from 'chai';
import { defaultYaml } from '../../config/default-yaml.ts';
import { allOptions } from '../../config/reference/config-page.ts';
import { REFERENCE, referencePages } from '../../config/reference/pages.ts';

const read = (name: string): string => readFileSync(new URL(name, REFERENCE), 'utf8');

describe('the reference', () => {
  for (const [name, written] of Object.entries(referencePages())) {
    it(`${name} is what the code says (run npm run reference)`, () => {
      // Not deep-equal texts: a difference of 250 KB helps nobody.
      expect(firstDifference(read(name), written)).to.equal(null);
    });
  }

  it('config/default.yaml is what the schema says (run npm run schema)', () => {
    const kept = readFileSync(new URL('../../config/default.yaml', import.meta.url), 'utf8');
    expect(firstDifference(kept, defaultYaml())).to.equal(null);
  });

  it('says what every option means', () => {
    expect(allOptions().length).to.be.greaterThan(120);
    expect(
      allOptions()
        .filter(({ node }) => (node.description ?? '') === '')
        .map(({ path }) => path),
    ).to.deep.equal([]);
  });

  it('has an OpenAPI document that is valid, with a meaning and an answer for each call', async () => {
    const document = JSON.parse(read('openapi.json'));
    await SwaggerParser.validate(structuredClone(document));
    const silent = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { summary, responses }]) => (summary ?? '').length < 15 || responses['200'] === undefined)
        .map(([method]) => `${method} ${path}`),
    );
    expect(silent).to.deep.equal([]);
  });
});

interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

/** The first line that differs, from both sides; null where there is none. */
function firstDifference(kept: string, written: string): string | null {
  if (kept === written) return null;
  const [one, other] = [kept.split('\n'), written.split('\n')];
  const at = one.findIndex((line, i) => line !== other[i]);
  return `run npm run reference: line ${at + 1} is\n${one[at]}\nand the code says\n${other[at]}`;
}
