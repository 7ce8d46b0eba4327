import { Decimal128 as OtherDecimal128, ObjectId as OtherObjectId } from 'bson';
import { expect } from 'chai';
import { Binary, Decimal128, Double, Int32, Long, ObjectId } from 'mongodb';
import { type FieldKind, field, type ModelMapping, optional } from '../../src/api/mapping.ts';
import { blobOf } from '../../src/api/rows/blob.ts';
import { convert, type LookupId, refsOf } from '../../src/api/rows/convert.ts';
import { decimalText } from '../../src/api/rows/decimal-text.ts';
import { proposedUuid } from '../../src/migration/uuid7.ts';

const money: FieldKind = { kind: 'money', currency: 'currency' };
const here = new ObjectId('0123456789abcdef01234567');
const gone = new ObjectId('ffffffffffffffffffffffff');
const lookup: LookupId = (collection, id) => (id === gone.toHexString() ? null : `uuid of ${collection} ${id}`);

function mappingOf(type: FieldKind, nullable = false): ModelMapping {
  return {
    model: 'Thing',
    domain: 'things',
    collection: 'things',
    table: 'things',
    identity: 'objectId',
    fields: [(nullable ? optional : field)('value', 'value', type)],
    children: [],
    appendOnly: false,
    expiresAt: null,
  };
}

function storedAs(type: FieldKind, value: unknown, nullable = false): unknown {
  const { row, rejects } = convert(mappingOf(type, nullable), { _id: here, value }, lookup);
  return rejects.length > 0 ? `reject: ${rejects.map(({ reason }) => reason).join()}` : row.value;
}

describe('a value on its way from a document to a row', () => {
  for (const [printed, text] of [
    ['0.30000000000000004', '0.30000000000000004'],
    ['1e-7', '0.0000001'],
    ['1E+3', '1000'],
    ['-0', '0'],
    ['0E-30', '0'],
    ['1.50', '1.5'],
    ['10.500000000000000000000000', '10.5'],
    ['-123456789012345678.123456789012345678', '-123456789012345678.123456789012345678'],
    ['12345678901234567890', '12345678901234567890'],
    ['.5', null],
    ['1e21', null],
    ['0.0000000000000000001', null],
    ['NaN', null],
    ['Infinity', null],
  ] as const) {
    it(`${printed} is ${text ?? 'refused'} as numeric(38,18)`, () => {
      const decimal = decimalText(printed);
      expect(decimal.ok ? decimal.text : null).to.equal(text);
    });
  }

  for (const [why, type, value, expected] of [
    ['a double', money, 0.1 + 0.2, '0.30000000000000004'],
    ['a Decimal128', money, Decimal128.fromString('2.10'), '2.1'],
    ['a Decimal128 of another copy of bson', money, OtherDecimal128.fromString('2.10'), '2.1'],
    ['a Long as money', money, Long.fromString('9007199254740992'), '9007199254740992'],
    ['money that is text', money, '1.00', 'reject: expected a number, found string'],
    ['NaN', money, Number.NaN, 'reject: NaN is not a finite number'],
    ['wei', { kind: 'baseUnits' }, '123456789012345678901234567890', '123456789012345678901234567890'],
    ['wei as a number', { kind: 'baseUnits' }, 5, 'reject: expected a string of digits, found number'],
    ['wei with a point', { kind: 'baseUnits' }, '1.5', 'reject: not a whole number of at most 78 digits'],
    ['text', { kind: 'text' }, ' Zoe\u0308 ', ' Zoe\u0308 '],
    ['empty text', { kind: 'text' }, '', ''],
    ['a NUL', { kind: 'text' }, 'a\0b', 'reject: text with a NUL, which Postgres cannot hold'],
    ['a number where text is', { kind: 'text' }, 7, 'reject: expected text, found number'],
    ['an Int32', { kind: 'int' }, new Int32(7), 7],
    ['half', { kind: 'int' }, 0.5, 'reject: 0.5 is not a whole number below 2^53'],
    ['a Double', { kind: 'double' }, new Double(0.5), 0.5],
    ['an instant', { kind: 'instant' }, new Date('2024-12-31T23:59:59.999Z'), '2024-12-31T23:59:59.999Z'],
    ['a far date', { kind: 'instant' }, new Date(8.64e15), 'reject: a date out of range: the year 275760'],
    ['no date', { kind: 'instant' }, new Date(Number.NaN), 'reject: a date out of range'],
    ['a date as text', { kind: 'instant' }, '2024-01-01', 'reject: expected a date, found string'],
    ['true', { kind: 'bool' }, true, true],
    ['1 for true', { kind: 'bool' }, 1, 'reject: expected a boolean, found number'],
    ['a reference', { kind: 'ref', collection: 'users' }, here, `uuid of users ${here}`],
    [
      'a reference by text',
      { kind: 'ref', collection: 'users' },
      here.toHexString(),
      'reject: expected an ObjectId, found string',
    ],
    ['a set, sorted', { kind: 'textSet' }, ['b', 'a', 'b'], ['a', 'b', 'b']],
    ['a list, in order', { kind: 'textList' }, ['b', 'a'], ['b', 'a']],
    ['a set with a number', { kind: 'textSet' }, ['a', 1], 'reject: expected an array of text, found number'],
    ['absent', { kind: 'text' }, undefined, 'reject: absent, and it may not be'],
    ['null', { kind: 'text' }, null, 'reject: null, and it may not be'],
  ] as const satisfies readonly (readonly [string, FieldKind, unknown, unknown])[]) {
    it(`${why}`, () => expect(storedAs(type, value)).to.deep.equal(expected));
  }

  it('absent and null become NULL where the field is nullable', () => {
    expect(storedAs({ kind: 'text' }, undefined, true)).to.equal(null);
    expect(storedAs({ kind: 'text' }, null, true)).to.equal(null);
  });

  it('an orphan is NULL and reported where that may be, and a reject where it may not', () => {
    const type: FieldKind = { kind: 'ref', collection: 'users' };
    const { row, orphans, rejects } = convert(mappingOf(type, true), { _id: here, value: gone }, lookup);
    expect([row.value, rejects]).to.deep.equal([null, []]);
    expect(orphans).to.deep.equal([{ path: 'value', refersTo: 'users', missingId: gone.toHexString() }]);
    expect(storedAs(type, gone)).to.equal(`reject: refers to users ${gone}, which is gone`);
  });

  it('an id that is no ObjectId is a reject', () => {
    const { rejects } = convert(mappingOf({ kind: 'text' }), { _id: 'x', value: 'y' }, lookup);
    expect(rejects).to.deep.equal([{ path: '_id', reason: 'expected an ObjectId, found string' }]);
  });

  it('elements of an embedded array get rows with their position', () => {
    const mapping: ModelMapping = {
      ...mappingOf({ kind: 'text' }, true),
      children: [
        {
          path: 'parts',
          table: 'parts',
          parentColumn: 'thing_id',
          positionColumn: 'position',
          collection: 'parts',
          fields: [field('by', 'by_id', { kind: 'ref', collection: 'users' })],
        },
      ],
    };
    const doc = { _id: here, _rev: 4, parts: [{ _id: gone, by: here }, { by: here }] };
    const { children, rejects } = convert(mapping, doc, () => 'uuid');
    expect(children[0]?.rows[0]).to.deep.equal({
      id: 'uuid',
      mongo_id: gone.toHexString(),
      mongo_rev: 4,
      thing_id: 'uuid',
      position: 0,
      by_id: 'uuid',
    });
    expect(rejects).to.deep.equal([{ path: 'parts[1]._id', reason: 'expected a subdocument with an ObjectId' }]);
    expect(refsOf(mapping, doc)).to.have.lengthOf(2);
  });
});

describe('a blob as jsonb', () => {
  it('keeps ObjectId, date and Decimal128 apart, of either copy of bson', () => {
    const at = new Date(-1);
    expect(
      blobOf({
        a: here,
        b: new OtherObjectId(here.toHexString()),
        c: at,
        d: Decimal128.fromString('1.50'),
        e: [null, 1.5, ''],
      }),
    ).to.deep.equal({
      ok: true,
      json: {
        a: { $oid: here.toHexString() },
        b: { $oid: here.toHexString() },
        c: { $date: { $numberLong: '-1' } },
        d: { $numberDecimal: '1.50' },
        e: [null, 1.5, ''],
      },
    });
  });

  it('keeps a key named __proto__ as a key', () => {
    const blob = blobOf(JSON.parse('{"__proto__": {"a": 1}}'));
    expect(blob.ok && JSON.stringify(blob.json)).to.equal('{"__proto__":{"a":1}}');
  });

  for (const [why, value, reason] of [
    ['a NUL in text', { a: ['x\0'] }, 'a[0] holds a NUL, which jsonb cannot'],
    ['a NUL in a key', { 'a\0': 1 }, 'the blob has a key with a NUL'],
    ['NaN', { a: { b: Number.NaN } }, 'a.b is NaN, which JSON cannot hold'],
    ['a key that looks like Extended JSON', { a: { $oid: 'x' } }, 'a has a key that begins with $'],
    ['a long past 2^53', { a: Long.fromString('9007199254740993') }, 'a is a 64-bit integer past 2^53'],
    ['binary data', { a: new Binary(Buffer.from('x')) }, 'a is of the BSON type Binary'],
  ] as const) {
    it(`refuses ${why}`, () => expect(blobOf(value)).to.deep.equal({ ok: false, reason }));
  }
});

describe('the uuid of a document', () => {
  it('is of version 7, has the time of the ObjectId, and is the same each time', () => {
    const uuid = proposedUuid('users', here.toHexString());
    expect(uuid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(uuid.replace('-', '').slice(0, 12), 16)).to.equal(here.getTimestamp().getTime());
    expect(proposedUuid('users', here.toHexString())).to.equal(uuid);
    expect(proposedUuid('payments', here.toHexString())).not.to.equal(uuid);
  });
});
