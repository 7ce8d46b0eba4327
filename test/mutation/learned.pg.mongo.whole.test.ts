/**
 * Rules learned from Amanat's own traffic, never shown its comparators, by the same proof: nothing is reported of pairs
 * that were learned from or that are like them, and no mutant is missed but where the docs say so.
 */
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import type { RouteEntry } from '../../src/api/route.ts';
import { createRouteMatcher } from '../../src/api/route-matcher.ts';
import { writtenEntry } from '../../src/api/written-entry.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import { type ComparedAnswer, compareAnswers } from '../../src/rules/answers.ts';
import { type CompiledComparator, compileComparator } from '../../src/rules/compile.ts';
import { parseJson } from '../../src/rules/parse.ts';
import { draftOf } from '../../src/traffic/learn/draft.ts';
import { Learner } from '../../src/traffic/learn/learner.ts';
import { newDocument } from '../../src/traffic/learn/yaml-draft.ts';
import { ReadIds } from '../../src/verifier/ids/known-ids.ts';
import { RelatedIds } from '../../src/verifier/ids/related-ids.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { mutants } from './mutants.ts';
import { collectPairs, type Pair, type Raw } from './pair.ts';
import { OBJECT_ID, UUID } from './tree.ts';

/** Pairs of each endpoint to learn from: with fewer, something is seen too seldom. */
const EACH = 45;
/** One in so many of them is mutated. */
const MUTATED = 8;

/** The primary's answers, each of which is compared with many changed ones. */
const known = new WeakMap<Raw, ComparedAnswer>();

describe('rules learned from traffic', () => {
  let on: Amanat;
  let pairs: readonly Pair[];
  let fresh: readonly Pair[];
  let related: RelatedIds;
  let find: (target: string) => CompiledComparator | null;
  let unexplained: readonly string[];

  before(async () => {
    on = await freshAmanat();
    const mongo = await MongoClient.connect(on.mongoUri);
    const sources = { ...on, routes: amanatRoutes, catalogue: await readCatalogue(mongo.db()) };
    await mongo.close();
    const own = (all: readonly Pair[]) =>
      all.filter(
        // A path with an encoded slash is of no route, since frameworks read it in different ways.
        ({ target }) => !/%2f/i.test(target),
      );
    pairs = own(await collectPairs(sources, seeded(21), EACH, ['twin']));
    fresh = own(await collectPairs(sources, seeded(22), 6, ['twin']));

    const learner = new Learner();
    for (const pair of pairs) {
      learner
        .see({
          method: 'GET',
          target: pair.target,
          caller: pair.caller ?? null,
          primary: seen(pair.primary),
          twin: seen(pair.twin),
          again: seen(pair.primary),
        })
        ?.keep();
    }
    const draft = draftOf(learner, { minimum: 8 });
    unexplained = draft.unexplained.map(
      ({ route, path, tooFew, forms }) => `${route} ${path} ${tooFew ?? ''} ${forms.join(', ')}`,
    );
    const written = newDocument(draft, { primary: null, twin: null }).toJS();
    const entries: RouteEntry[] = [];
    for (const entry of written.routes.entries)
      entries.push(await writtenEntry(entry, () => Promise.reject(new Error())));
    const compiled = new Map(entries.map((entry) => [entry.key, compileComparator(entry.comparator)]));
    const matcher = createRouteMatcher(entries);
    related = new RelatedIds(
      Object.fromEntries(draft.spaces.map(({ name }) => [name, { by: 'consistent', type: null }])),
    );
    find = (target) => compiled.get(matcher.match('GET', target)?.key ?? '') ?? null;
  });
  after(() => on?.close());

  it('stay silent on every pair they were learned from, and on others like them', () => {
    const told = (all: readonly Pair[]) => all.flatMap((pair) => judge(pair, pair.twin));
    const [learned, others] = [told(pairs), told(fresh)];
    console.log(
      `      ${pairs.length} pairs learned from: ${learned.length} reported; ${fresh.length} others: ${others.length} reported; ${unexplained.length} places left strict`,
    );
    for (const line of unexplained.slice(0, 40)) console.log(`        strict: ${line}`);
    for (const line of [...learned, ...others].slice(0, 40)) console.log(`        reported: ${line}`);
    expect(learned).to.deep.equal([]);
    expect(others).to.deep.equal([]);
    expect(unexplained).to.deep.equal([]);
  });

  it('miss no mutant', () => {
    const ids = (form: RegExp) =>
      [
        ...new Set(
          pairs.flatMap(({ twin }) => [...twin.text.matchAll(/"([0-9a-f-]{24,36})"/g)].map(([, id = '']) => id)),
        ),
      ]
        .filter((id) => form.test(id))
        .slice(0, 500);
    const operators = mutants({ twin: ids(UUID), primary: ids(OBJECT_ID) });
    const random = seeded(5);
    const missed = new Map<string, number>();
    let tried = 0;
    let wrong = 0;
    for (const pair of pairs.filter((_, i) => i % MUTATED === 0)) {
      if (judge(pair, pair.twin).length > 0) continue;
      for (const operator of operators) {
        for (const changed of operator.apply(pair, random, 1)) {
          if (
            changed.text === pair.twin.text &&
            changed.status === pair.twin.status &&
            changed.headers.join() === pair.twin.headers.join()
          )
            continue;
          tried += 1;
          if (judge(pair, changed).length > 0) continue;
          wrong += 1;
          const key = `${operator.name} at ${pair.route.key}`;
          missed.set(key, (missed.get(key) ?? 0) + 1);
        }
      }
    }
    console.log(`      ${tried} mutants, ${wrong} missed`);
    for (const [key, n] of [...missed].sort((a, b) => b[1] - a[1]).slice(0, 60))
      console.log(`        missed: ${key} (${n})`);
    expect([...missed]).to.deep.equal([]);
    expect(tried).to.be.greaterThan(4_000);
  });

  function judge(pair: Pair, twin: Raw): readonly string[] {
    const compiled = find(pair.target);
    if (compiled === null) return [`${pair.target}: no route`];
    const mine = known.get(pair.primary) ?? seen(pair.primary);
    known.set(pair.primary, mine);
    const its = seen(twin);
    const result = compareAnswers(compiled, mine, its, {
      params: {},
      query: new Map(new URL(pair.target, 'http://x').searchParams),
      representation: 'twin',
      ids: new ReadIds(null, related),
    });
    if (result.outcome === 'equal') return [];
    if (result.outcome !== 'differs') return [`${pair.route.key}: ${result.outcome}`];
    return result.differences.map(({ path, kind, rule }) => `${pair.route.key} ${path} ${kind} by ${rule}`);
  }
});

function seen(raw: Raw): ComparedAnswer {
  const parsed = parseJson(new TextEncoder().encode(raw.text));
  return { status: raw.status, rawHeaders: raw.headers, body: parsed.ok ? parsed.value : raw.text };
}
