/** Points: a few hundred transactions with round figures, so that the leaderboard has ties, and the table of levels. */
import { type Prng, type SeedContext, type SeedDocument, words } from './context.ts';

const LEVELS = [
  { name: 'Starter', minPoints: 0, multiplier: 1, benefits: [] },
  { name: 'برنز', minPoints: 200, multiplier: 1.05, benefits: ['برچسب برنز'], color: '#cd7f32' },
  { name: 'Серебро', minPoints: 500, multiplier: 1.1, benefits: ['скидка 1 %', 'значок'], color: '#c0c0c0' },
  { name: 'Gold 🥇', minPoints: 1000, multiplier: 1.1 * 1.1, benefits: ['fee −10 %', 'badge', 'priority'] },
  { name: 'Platine é', minPoints: 2500, multiplier: 1.3, benefits: ['fee −20 %', 'e\u0301vénements'], color: '' },
  { name: 'Diamond', minPoints: 10_000, multiplier: 1.5, benefits: ['fee −30 %', '💎'], color: '#b9f2ff' },
] as const;

export function* seedPoints(context: SeedContext): Iterable<SeedDocument> {
  for (const [index, level] of LEVELS.entries()) {
    const createdAt = context.createdAt('levelconfigs', index);
    const doc = {
      _id: context.oid('levelconfigs', index),
      level: index + 1,
      ...level,
      createdAt,
      updatedAt: createdAt,
    };
    yield { collection: 'levelconfigs', doc: { ...doc, __v: 0 } };
  }
  for (let index = 0; index < context.count('pointtransactions'); index += 1) {
    yield { collection: 'pointtransactions', doc: transaction(context, index) };
  }
}

function transaction(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('pointtransactions', index);
  // The ones that share an instant share a user: then the running balance needs the id as its last key.
  const leader = index % 11 === 10 ? index - 1 : index;
  const createdAt = context.createdAt('pointtransactions', index);
  return {
    _id: context.oid('pointtransactions', index),
    user: context.pick('users', context.random('pointtransactions', 'user', leader)),
    ...amount(random),
    reason: random.chance(0.03) ? '' : words(random, 1, 5),
    ...payment(context, index, random),
    createdAt,
    updatedAt: createdAt,
    __v: 0,
  };
}

function amount(random: Prng): { type: string; points: number } {
  const points = random.int(1, 12) * 25;
  return random.weighted([
    [{ type: 'earned', points }, 60],
    [{ type: 'bonus', points: 100 }, 15],
    [{ type: 'spent', points: -points }, 15],
    [{ type: 'expired', points: -25 }, 5],
    [{ type: 'adjusted', points: random.int(-3, 3) }, 5],
  ]);
}

function payment(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  if (!random.chance(0.5)) return {};
  const gone = random.chance(0.06);
  return { payment: gone ? context.gone('payments', index) : context.pick('payments', random) };
}
