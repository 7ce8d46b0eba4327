/** What a series of readings says: races settle, drift is found, noise is neither. In simulated time, thousands of runs. */
import { expect } from 'chai';
import { compare, compileRule } from '../../src/rules/compile.ts';
import * as kit from '../../src/rules/kit.ts';
import type { CompareContext } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { judge, type Movement, namedPath, type Round, schedule, stretched } from '../../src/verifier/judge-rounds.ts';

const rule = compileRule(
  kit.object({
    data: kit.list(
      kit.object({ _id: kit.text(), amount: kit.number(), status: kit.text(), seen: kit.number() }),
      '_id',
    ),
  }),
);
const context: CompareContext = {
  params: {},
  query: new Map(),
  representation: 'primary',
  ids: { uuidOf: () => null, objectIdOf: () => null },
};

interface Item {
  readonly _id: string;
  readonly amount: number;
  readonly status: string;
  readonly seen: number;
}
type Body = { readonly data: readonly Item[] };

function compared(primary: Body, twin: Body): Pick<Round, 'differences' | 'count'> {
  const result = compare(rule, asJson(primary), asJson(twin), context);
  if (result.outcome !== 'differs') return { differences: [], count: 0 };
  return { differences: result.differences, count: result.count };
}

function asJson(body: Body): JsonValue {
  return JSON.parse(JSON.stringify(body));
}

/** Reads at the scheduled times until it is judged. `primary` and `twin` tell each side's body at a time. */
function verdictOf(
  primary: (at: number) => Body,
  twin: (at: number) => Body,
  plan: { readonly delays: readonly number[]; readonly busy: number; readonly lag: number },
): 'match' | 'settled' | 'mismatch' | 'unstable' {
  const { at, windowMs, needed } = schedule(plan.delays, plan.busy, plan.lag);
  const bodies: Body[] = [];
  const rounds: Round[] = [];
  const read = (time: number): void => {
    const body = primary(time);
    const other = twin(time + 1);
    bodies.push(body);
    rounds.push({
      primaryEnd: time,
      twinSentAt: time + 1,
      ...compared(body, other),
      primary: asJson(body),
      twin: asJson(other),
    });
  };
  read(0);
  if (rounds[0]?.count === 0) return 'match';
  const moved = (k: number): Movement => {
    const [later, earlier] = [bodies.at(-1), bodies[k]];
    if (later === undefined || earlier === undefined) return { paths: [], all: true };
    return { paths: compared(later, earlier).differences.map((difference) => difference.path), all: false };
  };
  for (let i = 0; i < at.length; i += 1) {
    read(at[i] ?? 0);
    const said = judge(rounds, moved, { windowMs, needed, last: i === at.length - 1 });
    if (said.say !== 'again') return said.say;
  }
  throw new Error('the last round must say something');
}

function prng(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

const ITEM: Item = { _id: 'a', amount: 100, status: 'open', seen: 1 };
const still = (body: Body) => () => body;
const plan = { delays: [100, 400, 1_500], busy: 12, lag: 0 };

describe('settling', () => {
  it('believes a difference of rows that hold still, once a window has passed', () => {
    expect(verdictOf(still({ data: [ITEM] }), still({ data: [{ ...ITEM, amount: 101 }] }), plan)).to.equal('mismatch');
  });

  it('settles what agrees when read again', () => {
    const twin = (at: number): Body => ({ data: at < 300 ? [] : [ITEM] });
    expect(verdictOf(still({ data: [ITEM] }), twin, plan)).to.equal('settled');
  });

  it('calls noise what the primary itself does not agree on', () => {
    const noisy = (at: number): Body => ({ data: [{ ...ITEM, amount: at + 1_000 }] });
    expect(verdictOf(noisy, still({ data: [ITEM] }), plan)).to.equal('unstable');
  });

  it('finds a field that drifts in a row whose other fields are written all the time', () => {
    const primary = (at: number): Body => ({ data: [{ ...ITEM, seen: at }] });
    const twin = (at: number): Body => ({ data: [{ ...ITEM, seen: at - 40, amount: 99 }] });
    expect(verdictOf(primary, twin, plan)).to.equal('mismatch');
  });

  it('finds a row that is missing from a list that grows at its head', () => {
    const heads = (at: number): Item[] =>
      Array.from({ length: Math.floor(at / 50) + 1 }, (_, i) => ({ ...ITEM, _id: `h${i}` })).toReversed();
    const primary = (at: number): Body => ({ data: [...heads(at), ITEM, { ...ITEM, _id: 'z' }] });
    const twin = (at: number): Body => ({ data: [...heads(Math.max(0, at - 30)), { ...ITEM, _id: 'z' }] });
    expect(verdictOf(primary, twin, plan)).to.equal('mismatch');
  });

  it('stretches its window by the measured lag', () => {
    const late = (at: number): Body => ({ data: at < 3_000 ? [] : [ITEM] });
    expect(verdictOf(still({ data: [ITEM] }), late, plan)).to.equal('mismatch');
    expect(verdictOf(still({ data: [ITEM] }), late, { ...plan, lag: 3_000 })).to.equal('settled');
  });

  it('stretches a plan under way where the lag grows, keeping the looks that have been', () => {
    const plan = schedule([100, 400, 1_500], 12, 0);
    const done = 3;
    const longer = stretched(plan, done, schedule([100, 400, 1_500], 12, 3_000));
    expect(longer.at.slice(0, done)).to.deep.equal(plan.at.slice(0, done));
    expect(longer.windowMs).to.equal(4_600);
    expect(longer.at).to.deep.equal(longer.at.toSorted((a, b) => a - b));
    expect(longer.at[longer.needed - 2]).to.be.at.least(4_600);
    expect(longer.at.length).to.be.within(longer.needed, 15);
  });

  it('reads again no oftener than the pauses and busyRounds say, however the lag grows', () => {
    for (const delays of [[50], [100, 400, 1_500], [0, 0, 30_000]]) {
      for (const busy of [0, 1, 2, 5, 12, 40]) {
        for (const known of [false, true]) {
          const most = delays.length + busy;
          let plan = schedule(delays, busy, 0, known);
          expect(plan.at.length).to.be.within(1, most);
          for (let done = 1; done <= plan.at.length; done += 1) {
            plan = stretched(plan, done, schedule(delays, busy, done * 900, known));
            expect(plan.at.length).to.be.within(done, most);
            expect(plan.at).to.deep.equal(plan.at.toSorted((a, b) => a - b));
          }
        }
      }
    }
  });

  it('waits no longer than twenty seconds, and knows then that it was not enough', () => {
    const plan = schedule([100, 400, 1_500], 12, 3_600_000);
    expect(plan.windowMs).to.equal(20_000);
    expect(plan.enough).to.equal(false);
    expect(plan.at.at(-1)).to.be.lessThan(40_000);
    expect(schedule([100, 400, 1_500], 12, 5_000).enough).to.equal(true);
  });

  it('names list items by their ids, wherever they stand', () => {
    const bodies = { primary: { data: [{ _id: 'x' }, { _id: 'y', tags: ['t'] }] }, twin: undefined };
    expect(namedPath('/data/1/tags/0', bodies)).to.equal('/data/[y]/tags/[*]');
    expect(namedPath('#status', bodies)).to.equal('#status');
  });

  const runs = 3_000;

  /** One row, written at random; the sync applies writes in order, each 0 to 3 s late. */
  function history(
    random: () => number,
    drift: ((item: Item) => Item) | null,
  ): [(at: number) => Body, (at: number) => Body] {
    const writes: { at: number; applied: number; item: Item }[] = [{ at: -1e9, applied: -1e9, item: ITEM }];
    const pace = random() < 0.3 ? 30 : random() < 0.5 ? 400 : 5_000;
    const toggles = random() < 0.4;
    let now = -6_000;
    let applied = now;
    let item = ITEM;
    while (now < 45_000) {
      now += random() * pace * 2;
      const seen = toggles ? item.seen : item.seen + 1;
      item = {
        ...item,
        seen,
        status: random() < 0.5 ? 'open' : 'closed',
        amount: toggles ? item.amount : random() < 0.3 ? item.amount + 1 : item.amount,
      };
      applied = Math.max(applied, now + random() * 3_000);
      writes.push({ at: now, applied, item });
    }
    const stateAt = (at: number, by: 'at' | 'applied'): Item => {
      let [low, high] = [0, writes.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((writes[middle]?.[by] ?? 0) <= at) low = middle;
        else high = middle - 1;
      }
      return writes[low]?.item ?? ITEM;
    };
    return [
      (at) => ({ data: [stateAt(at, 'at')] }),
      (at) => ({ data: [drift === null ? stateAt(at, 'applied') : drift(stateAt(at, 'applied'))] }),
    ];
  }

  it(`never believes a race, in ${runs} interleavings of writes and reads with the sync 0 to 3 s late`, () => {
    const random = prng(7);
    const said: Record<string, number> = {};
    for (let i = 0; i < runs; i += 1) {
      const verdict = verdictOf(...history(random, null), { ...plan, lag: 3_000 });
      said[verdict] = (said[verdict] ?? 0) + 1;
    }
    console.log(`      races: ${JSON.stringify(said)}`);
    expect(said.mismatch ?? 0).to.equal(0);
  });

  it(`never excuses drift, in ${runs} interleavings, and finds it wherever the row or the field holds still`, () => {
    const random = prng(8);
    const said: Record<string, number> = {};
    for (let i = 0; i < runs; i += 1) {
      const verdict = verdictOf(...history(random, (item) => ({ ...item, amount: item.amount + 0.01 })), {
        ...plan,
        lag: 3_000,
      });
      said[verdict] = (said[verdict] ?? 0) + 1;
    }
    console.log(`      drift: ${JSON.stringify(said)}`);
    expect(said.match ?? 0).to.equal(0);
    expect(said.settled ?? 0).to.equal(0);
    expect(said.mismatch ?? 0).to.be.greaterThan(runs / 3);
  });
});
