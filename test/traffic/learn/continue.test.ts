import { expect } from 'chai';
import { parseDocument } from 'yaml';
import { draftOf } from '../../../src/traffic/learn/draft.ts';
import { Learner } from '../../../src/traffic/learn/learner.ts';
import { continueDocument, type Kept } from '../../../src/traffic/learn/yaml-continue.ts';
import { newDocument } from '../../../src/traffic/learn/yaml-draft.ts';
import type { JsonValue } from '../../../src/types.ts';

const NO_SIDES = { primary: null, twin: null };

/** A draft of pairs at `/things/:id`. */
function drafted(make: (i: number) => readonly [JsonValue, JsonValue], target = '/things') {
  const learner = new Learner();
  for (let i = 0; i < 40; i++) {
    const [primary, twin] = make(i);
    const answer = (body: JsonValue) => ({ status: 200, rawHeaders: [], body });
    learner
      .see({
        method: 'GET',
        target: `${target}/${i + 100}?status=${i % 2 === 0 ? 'open' : 'done'}`,
        caller: null,
        primary: answer(primary),
        twin: answer(twin),
        again: null,
      })
      ?.keep();
  }
  return draftOf(learner);
}

function continued(text: string, draft: ReturnType<typeof drafted>): { text: string; kept: readonly Kept[] } {
  const document = parseDocument(text);
  const kept = continueDocument(document, draft);
  return { text: document.toString({ lineWidth: 0 }), kept };
}

const equal = (i: number) =>
  [
    { at: `2026-01-01T00:00:${10 + i}Z`, n: i, tags: ['a', `t${i}`] },
    { at: `2026-01-01T00:00:${10 + i}Z`, n: i, tags: ['a', `t${i}`] },
  ] as const;
const spelled = (i: number) =>
  [
    { at: `2026-01-01T00:00:${10 + i}Z`, n: i, tags: ['a', `t${i}`], note: 'x' },
    { at: `2026-01-01T00:00:${10 + i}.000Z`, n: i, tags: [`t${i}`, 'a'], note: 'x' },
  ] as const;

describe('learn --continue', () => {
  it('changes nothing where the new pairs say nothing new', () => {
    const before = newDocument(drafted(spelled), NO_SIDES).toString({ lineWidth: 0 });
    expect(continued(before, drafted(spelled)).text).to.equal(before);
    // What was seen to differ once is not unseen by pairs that are equal.
    expect(continued(before, drafted(equal)).text).to.equal(before);
  });

  it('does the same with the columns of a table', () => {
    const table = (cell: (i: number) => string) => {
      const learner = new Learner();
      for (let i = 0; i < 40; i++) {
        const answer = (total: string) => ({
          status: 200,
          rawHeaders: ['Content-Type', 'text/csv'],
          body: `n,total\n${i},${total}\n`,
        });
        const [primary, twin] = [answer(`${i}.5`), answer(cell(i))];
        learner.see({ method: 'GET', target: '/a.csv', caller: null, primary, twin, again: null })?.keep();
      }
      return draftOf(learner);
    };
    const same = table((i) => `${i}.5`);
    const before = newDocument(same, NO_SIDES).toString({ lineWidth: 0 });
    expect(continued(before, same)).to.deep.equal({ text: before, kept: [] });
    const { text, kept } = continued(
      before,
      table((i) => `${i}.50`),
    );
    expect(kept).to.deep.equal([]);
    expect(text).to.match(/total: \{ ?money: \{ ?scale: 2 ?\} ?\}/);
  });

  it('loosens a drafted rule, takes in fields, parameters and routes', () => {
    const before = newDocument(drafted(equal), NO_SIDES).toString({ lineWidth: 0 });
    const { text, kept } = continued(before, drafted(spelled));
    expect(text)
      .to.contain('at: instant # instant: 40 of 40 pairs')
      .and.to.contain('note: text')
      .and.to.contain('set: text');
    expect(kept).to.deep.equal([]);
    const more = continued(text, drafted(equal, '/others')).text;
    expect(more).to.contain('pattern: /things/:id').and.to.contain('pattern: /others/:id');
  });

  it('takes in words and types that were not seen before, beside those that are written', () => {
    const words = ['ACTIVE', 'CLOSED', 'IN_REVIEW', 'LATE'];
    const of = (from: number) =>
      drafted((i) => {
        const word = words[from + (i % 3)] ?? '';
        const id = (kind: string) => kind + String(i % 9).padStart(23, '0');
        const owner = (n: JsonValue) => ({ ownerKind: `k${from + (i % 2)}`, ownerId: n });
        return [
          { state: word, ...owner(id(`${'abc'[from + (i % 2)]}`)) },
          { state: word.toLowerCase(), ...owner(i % 9) },
        ];
      });
    const before = newDocument(of(0), NO_SIDES).toString({ lineWidth: 0 });
    const after = continued(before, of(1));
    const { object } = parseDocument(after.text).toJS().routes.entries[0].rules.body;
    expect(object.state).to.deep.equal({
      enum: { ACTIVE: 'active', CLOSED: 'closed', IN_REVIEW: 'in_review', LATE: 'late' },
    });
    expect(Object.keys(object.ownerId.ref.of)).to.deep.equal(['k0', 'k1', 'k2']);
    expect(continued(after.text, of(0)).text).to.equal(after.text);
  });

  it('takes in that Location leads elsewhere, beside the fields that are named, unless it is one of them', () => {
    const learner = new Learner();
    for (let i = 0; i < 40; i++) {
      const answer = (id: string) => ({ status: 302, rawHeaders: ['Location', `/orders/${id}`], body: '' });
      const nth = 10 + (i % 20);
      const [mine, its] = [`65f0a0b0c0d0e0f0000000${nth}`, `00000000-0000-7000-8000-0000000000${nth}`];
      const sides = { primary: answer(mine), twin: answer(its) };
      const of = (target: string, primary: JsonValue, twin: JsonValue) => ({
        ...({ method: 'GET', target, caller: null, again: null } as const),
        primary: { status: 200, rawHeaders: [], body: primary },
        twin: { status: 200, rawHeaders: [], body: twin },
      });
      learner.see(of(`/orders/${mine}`, { id: mine }, { id: its }))?.keep();
      learner.see({ method: 'GET', target: `/go/${i + 100}`, caller: null, again: null, ...sides })?.keep();
    }
    const draft = draftOf(learner);
    const entry = (headers: string): string =>
      `routes:\n  entries:\n    - { pattern: /go/:id, domain: go${headers}, rules: { body: text } }\n`;
    const headersOf = (headers: string): unknown =>
      parseDocument(continued(entry(headers), draft).text).getIn(['routes', 'entries', 0, 'headers']);
    const url = { url: ['orders'] };
    expect(JSON.parse(JSON.stringify(headersOf('')))).to.deep.equal({ location: url });
    expect(JSON.parse(JSON.stringify(headersOf(', headers: [etag]')))).to.deep.equal({ etag: 'text', location: url });
    expect(JSON.parse(JSON.stringify(headersOf(', headers: [Location]')))).to.deep.equal(['Location']);
    expect(JSON.parse(JSON.stringify(headersOf(', headers: { location: text }')))).to.deep.equal({ location: 'text' });
  });

  it('keeps what a person wrote, with every comment, and says what it would have drafted', () => {
    const mine = `
# Ours: ask Ada before you change it.
settle: { delaysMs: [ 5 ] } # fast

routes:
  table: none
  entries:
    # the things
    - pattern: /things/:thing # our name
      domain: stuff
      rules:
        body:
          object:
            at: { ignored: "clocks differ" } # decided in May
            n: number # equal: 12 of 12 pairs
            tags:
              # order matters to us
              list: text
`;
    const { text, kept } = continued(mine, drafted(spelled));
    for (const line of mine
      .split('\n')
      .map((each) => each.trim())
      .filter((each) => each !== '')) {
      expect(text).to.contain(line.replace(/^- /, ''));
    }
    expect(text).to.contain('note: text # equal: 40 of 40 pairs');
    expect(text).to.contain('status: { oneOf: [ done, open ] }');
    expect(kept.map(({ path, yours }) => [path, yours])).to.deep.equal([['/at', '{ ignored: … }']]);
  });
});
