import { objectIdAt, type Prng, type SeedContext, type SeedDocument, sentence } from './context.ts';
import { HARD_INSTANTS } from './instants.ts';

export function* seedDisputes(context: SeedContext): Generator<SeedDocument> {
  for (let index = 0; index < context.count('disputes'); index += 1) {
    yield { collection: 'disputes', doc: dispute(context, index) };
  }
}

function dispute(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('disputes', index);
  const createdAt = context.createdAt('disputes', index);
  // The recent ones are mostly open still.
  const recent = index > context.count('disputes') * 0.8;
  const status = recent
    ? random.pick(['open', 'under_review', 'open', 'resolved'])
    : random.pick(['resolved', 'resolved', 'rejected', 'open', 'under_review']);
  const closed = status === 'resolved' || status === 'rejected';
  const openedBy = context.oid('users', context.buyer(random));
  const respondent = context.oid('users', context.seller(random));
  const admin = context.oid('users', random.int(0, 2));
  const resolvedAt = random.chance(0.06)
    ? random.pick(HARD_INSTANTS)
    : new Date(createdAt.getTime() + random.int(60_000, 40 * 86_400_000));
  return {
    _id: context.oid('disputes', index),
    // Every 23rd is about a payment that is gone.
    payment: index % 23 === 7 ? context.gone('payments', index) : context.pick('payments', random),
    openedBy,
    respondent,
    status,
    reason: random.pick(['not_received', 'not_as_described', 'damaged', 'fraud', 'other']),
    description: sentence(random, 6, 30),
    claimAmount: random.weighted([
      [random.int(100, 900_000) / 100, 8],
      [0.1 + 0.2, 1],
      [99.99 * 3, 1],
    ]),
    currency: random.pick(['USD', 'EUR', 'USDC']),
    evidence: Array.from({ length: random.int(0, 4) }, () =>
      evidence(createdAt, random, random.pick([openedBy, respondent])),
    ),
    timeline: timeline(createdAt, random, openedBy, admin, closed),
    ...(closed
      ? {
          resolution: {
            outcome: random.pick(['refund', 'release', 'split']),
            share: random.next(),
            decidedBy: admin,
            decidedAt: resolvedAt,
            note: random.chance(0.5) ? sentence(random) : null,
          },
          resolvedAt,
        }
      : {}),
    createdAt,
    updatedAt: closed ? resolvedAt : createdAt,
    __v: random.int(0, 5),
  };
}

/** `at` is when it was made, so the order of handing in is not the order of `at`. */
function evidence(createdAt: Date, random: Prng, submittedBy: unknown): Record<string, unknown> {
  const at = new Date(createdAt.getTime() + random.int(-9e8, 9e8));
  return {
    _id: objectIdAt(at, random),
    kind: random.pick(['image', 'document', 'message', 'transaction']),
    url: `https://files.amanat.example/${random.hex(16)}/${encodeURIComponent(sentence(random, 1, 2))}`,
    ...(random.chance(0.5) ? { note: sentence(random, 2, 6) } : {}),
    submittedBy,
    at,
  };
}

function timeline(
  createdAt: Date,
  random: Prng,
  openedBy: unknown,
  admin: unknown,
  closed: boolean,
): Record<string, unknown>[] {
  const steps = [
    'opened',
    ...random.some(['evidence_requested', 'evidence_submitted', 'escalated', 'پیام', 'ожидание'], 0.5),
  ];
  if (closed) steps.push('closed');
  return steps.map((event, step) => {
    const at = new Date(createdAt.getTime() + step * 3_600_000);
    return {
      _id: objectIdAt(at, random),
      event,
      // What the system does by itself is done by nobody.
      ...(event === 'escalated' ? {} : { by: event === 'closed' ? admin : openedBy }),
      ...(random.chance(0.3) ? { note: sentence(random, 2, 8) } : {}),
      at,
    };
  });
}
