import fc from 'fast-check';
import { Decimal } from '../../../src/stores/embedded/bson/decimal.ts';
import {
  Binary,
  DateTime,
  type Doc,
  Int32,
  ObjectId,
  Regex,
  Timestamp,
  type Value,
} from '../../../src/stores/embedded/bson/values.ts';

/** Numbers of all four types, close together and at the edges, so that they meet. */
const numbers: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((value) => new Int32(value)),
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.constantFrom(0.5, -0, 0.1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, -5e-324, 1e300),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc
    .tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -4, max: 4 }))
    .map(([value, at]) => Decimal.of(BigInt(value), at)),
  fc.constantFrom(Decimal.NAN, Decimal.infinity(true), Decimal.of(1n, -6176), Decimal.of(10n ** 34n - 1n, 6111)),
);

const texts = fc.constantFrom('', 'a', 'b', 'ab', 'é', 'e\u0301', '\uffee', '🙂', 'سلام', 'A');

const scalars: fc.Arbitrary<Value> = fc.oneof(
  numbers,
  texts,
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -2, max: 2 }).map((ms) => new DateTime(ms)),
  fc.constantFrom('0'.repeat(24), 'f'.repeat(24)).map((hex) => new ObjectId(hex)),
  fc.constantFrom(
    new Binary(0, Buffer.from([1])),
    new Binary(4, Buffer.from([1])),
    new Timestamp(5n),
    new Regex('a', 'i'),
  ),
);

/** Any value that a document may hold, nested a little. */
export const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value; doc: Doc }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('doc'),
  ),
  doc: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', '10', '2', '__proto__'), tie('value')), { maxLength: 3 })
    .map((fields) => new Map(fields)),
})).value;

/** Documents with the fields `a`, `b` and `c` that filters and indexes are about. */
export const documents: fc.Arbitrary<Doc> = fc
  .record({
    a: fc.option(values, { nil: undefined }),
    b: fc.option(scalars, { nil: undefined }),
    c: fc.option(values, { nil: undefined }),
  })
  .map(({ a, b, c }) => {
    const made: Doc = new Map();
    for (const [name, value] of [
      ['a', a],
      ['b', b],
      ['c', c],
    ] as const)
      if (value !== undefined) made.set(name, value);
    return made;
  });

function filterOn(name: string): fc.Arbitrary<Doc> {
  const operand = fc.oneof(scalars, values);
  const range = fc
    .constantFrom('$gt', '$gte', '$lt', '$lte', '$eq', '$ne')
    .chain((operator) =>
      operand.filter((value) => !(value instanceof Regex)).map((value): Doc => new Map([[operator, value]])),
    );
  const list = fc.constantFrom('$in', '$nin', '$all').chain((operator) =>
    fc
      .array(
        scalars.filter((value) => !(value instanceof Regex)),
        { minLength: 1, maxLength: 3 },
      )
      .map((wanted): Doc => new Map([[operator, wanted]])),
  );
  const both = fc.tuple(scalars, scalars).map(
    ([low, high]): Doc =>
      new Map([
        ['$gte', low],
        ['$lt', high],
      ]),
  );
  const tests: fc.Arbitrary<Value> = fc.oneof(
    scalars.filter((value) => !(value instanceof Regex)),
    range,
    list,
    both.filter((test) => ![...test.values()].some((value) => value instanceof Regex)),
  );
  return tests.map((test) => new Map([[name, test]]));
}

const clauses = fc.constantFrom('a', 'b', 'c', 'a.b', 'a.a').chain(filterOn);

/** Filters of one to three clauses, joined by and or by or. */
export const filters: fc.Arbitrary<Doc> = fc.oneof(
  clauses,
  fc
    .tuple(fc.constantFrom('$and', '$or'), fc.array(clauses, { minLength: 1, maxLength: 3 }))
    .map(([name, branches]): Doc => new Map([[name, branches]])),
);
