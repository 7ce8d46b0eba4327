import { Int32 } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';
import { type Fact, refused } from './fact.ts';

const one = { _id: 1, a: 1, b: 2 };

const updated =
  (update: Fields, filter: Fields = {}, arrayFilters?: Fields[]): Fact['asked'] =>
  (c) =>
    c.updateOne(filter, update, arrayFilters === undefined ? {} : { arrayFilters });

const UPDATES: readonly Fact[] = [
  refused('two positional $ in one path', updated({ $set: { 'arr.$.items.$': 99 } }, { 'arr.items': 3 }), [2], {
    given: [{ _id: 1, arr: [{ items: [1, 2] }, { items: [3, 4] }] }],
  }),
  refused('$rename from a path through a number', updated({ $rename: { 'a.b': 'c' } }), [28], { given: [one] }),
  refused('$rename from a path through null', updated({ $rename: { 'a.b.c': 'd' } }), [28], {
    given: [{ _id: 1, a: { b: null } }],
  }),
  refused('$rename to a path through a number', updated({ $rename: { b: 'a.c' } }), [28], { given: [one] }),
  refused('$rename from an element of an array', updated({ $rename: { 'a.0': 'c' } }), [2], {
    given: [{ _id: 1, a: [1] }],
  }),
  refused('$rename of the id', updated({ $rename: { _id: 'c' } }), [66], { given: [one] }),
  refused('$rename to nothing', updated({ $rename: { a: '' } }), [56], { given: [one] }),
  ...['$set', '$inc', '$min', '$unset', '$push'].map((operator) =>
    refused(`${operator} of a $-prefixed field at the first level`, updated({ [operator]: { $a: 1 } }), [52], {
      given: [one],
    }),
  ),
  refused('$set of $ alone', updated({ $set: { $: 1 } }), [2], { given: [one] }),
  ...[1, 'x', null, [1], true].flatMap((operand) =>
    ['$set', '$min', '$max', '$pull'].map((operator) =>
      refused(`${operator} of ${JSON.stringify(operand)}`, updated({ [operator]: operand }), [9], { given: [one] }),
    ),
  ),
  ...['$inc', '$mul'].flatMap((operator) => [
    refused(`${operator} by a text`, updated({ [operator]: { a: 'x' } }), [14], { given: [one] }),
    refused(`${operator} of a text`, updated({ [operator]: { s: 1 } }), [14], { given: [{ _id: 1, s: 'x' }] }),
    refused(`${operator} of null`, updated({ [operator]: { s: 1 } }), [14], { given: [{ _id: 1, s: null }] }),
  ]),
  refused('an array filter that is not there', updated({ $set: { 'a.$[e]': 1 } }, { none: 1 }), [2], { given: [one] }),
  refused('an array filter that is not used', updated({ $set: { a: 1 } }, {}, [{ e: 1 }]), [9], { given: [one] }),
  refused(
    'an array filter whose name begins with a digit',
    updated({ $set: { 'a.$[1e]': 1 } }, {}, [{ '1e': 1 }]),
    [2],
    {
      given: [{ _id: 1, a: [1] }],
    },
  ),
  refused(
    'an array filter of two names',
    updated({ $set: { 'a.$[e]': 1 } }, {}, [{ $or: [{ e: 1 }, { f: 1 }] }]),
    [9],
    {
      given: [{ _id: 1, a: [1] }],
    },
  ),
  refused(
    '$expr in an array filter',
    updated({ $set: { 'a.$[e]': 1 } }, {}, [{ $and: [{ e: 1 }, { $expr: true }] }]),
    [224],
    {
      given: [{ _id: 1, a: [1] }],
    },
  ),
  refused('$addToSet with $each and more', updated({ $addToSet: { v: { $each: [1], key: 2 } } }), [2], {
    given: [one],
  }),
  refused('$push with $each in second place and more', updated({ $push: { v: { key: 2, $each: [1] } } }), [2], {
    given: [one],
  }),
  refused('$each of no array in $push', updated({ $push: { v: { $each: 1 } } }), [2, 14], { given: [one] }),
  refused(
    'an update by a pipeline of a number',
    (c, db) => db.command({ findAndModify: c.collectionName, update: [1] }),
    [14],
    { given: [one] },
  ),
  refused('an update by a stage that looks elsewhere', (c) => c.updateOne({}, [{ $match: { a: 1 } }]), [72], {
    given: [one],
  }),
  refused('an update with an operator that does not exist', updated({ $frob: { a: 1 } }), [9], { given: [one] }),
  refused('two changes of one path', updated({ $set: { a: 1 }, $min: { a: 1 } }), [40], { given: [one] }),
  refused('a change of a path and of one in it', updated({ $max: { 'b.c': 1, b: 1 } }), [40], { given: [{ _id: 1 }] }),
  refused('$pop by 2', updated({ $pop: { v: 2 } }), [9], { given: [one] }),
  refused('$currentDate of a type that does not exist', updated({ $currentDate: { d: { $type: 'x' } } }), [2], {
    given: [one],
  }),
  refused('an id with a $-prefixed field', (c) => c.insertOne({ _id: { $a: 1 } } as never), [52]),
  refused('an id that is an array', (c) => c.insertOne({ _id: [1] } as never), [53, 2]),
];

const index =
  (...indexes: Fields[]): Fact['asked'] =>
  (c, db) =>
    db.command({ createIndexes: c.collectionName, indexes });
const create =
  (options: Fields): Fact['asked'] =>
  (c, db) =>
    db.command({ create: `${c.collectionName}_made`, ...options });
const there = { before: index({ key: { a: 1 }, name: 'a_1' }) };

const DEFINITIONS: readonly Fact[] = [
  refused(
    'an index that is both sparse and partial',
    index({ key: { a: 1 }, name: 'a', sparse: true, partialFilterExpression: { a: 1 } }),
    [67],
  ),
  refused('an index on _id: -1', index({ key: { _id: -1 }, name: 'x' }), [2]),
  ...['unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression', 'background'].map((option) =>
    refused(
      `an index on _id that is ${option}`,
      index({ key: { _id: 1 }, name: '_id_', [option]: option.startsWith('partial') ? { a: 1 } : 1 }),
      [197],
    ),
  ),
  refused('the name of the index on _id for another', index({ key: { a: 1 }, name: '_id_' }), [2]),
  refused('an index without a name', index({ key: { a: 1 } }), [9]),
  refused('an index without keys', index({ name: 'a' }), [9]),
  refused('an index with an empty name', index({ key: { a: 1 }, name: '' }), [67]),
  refused('an index with no key in its keys', index({ key: {}, name: 'a' }), [67]),
  refused('an index whose name is a number', index({ key: { a: 1 }, name: 1 }), [14]),
  refused('an index with an option that does not exist', index({ key: { a: 1 }, name: 'a', frob: 1 }), [197]),
  refused('an index in the direction 0', index({ key: { a: 0 }, name: 'a' }), [67]),
  refused('an index in the direction true', index({ key: { a: true }, name: 'a' }), [67]),
  refused('an index of a kind that does not exist', index({ key: { a: 'abc' }, name: 'a' }), [67]),
  refused('an index with an empty collation', index({ key: { a: 1 }, name: 'a', collation: {} }), [2]),
  refused('no index at all', index(), [2]),
  refused(
    'an index of more than 32 fields',
    index({ key: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 1])), name: 'a' }),
    [13103],
  ),
  refused('an index of version 3', index({ key: { a: 1 }, name: 'a', v: 3 }), [67]),
  refused('the same index by another name', index({ key: { a: 1 }, name: 'b' }), [85], there),
  refused(
    'the same index with a time to live',
    index({ key: { a: 1 }, name: 'a_1', expireAfterSeconds: 1 }),
    [85],
    there,
  ),
  refused('another index by the same name', index({ key: { b: 1 }, name: 'a_1' }), [86], there),
  refused('the other direction by the same name', index({ key: { a: -1 }, name: 'a_1' }), [86], there),
  refused('a unique index by the same name', index({ key: { a: 1 }, name: 'a_1', unique: true }), [86], there),
  refused('a sparse index by the same name', index({ key: { a: 1 }, name: 'a_1', sparse: true }), [86], there),
  refused(
    'the same index twice in one command',
    index({ key: { a: 1 }, name: 'x' }, { key: { a: 1 }, name: 'y' }),
    [85],
  ),
  ...['unique', 'sparse', 'hidden'].map((option) =>
    refused(`an index whose ${option} is a text`, index({ key: { a: 1 }, name: 'a', [option]: 'yes' }), [14]),
  ),
  refused(
    'an index whose expireAfterSeconds is a text',
    index({ key: { a: 1 }, name: 'a', expireAfterSeconds: 'x' }),
    [14],
  ),
  refused('create with size and without capped', create({ size: 1000 }), [72]),
  refused('create with max and without capped', create({ max: 10 }), [72]),
  refused('create with a pipeline and without viewOn', create({ pipeline: [] }), [72]),
  refused('create with a validationLevel that does not exist', create({ validationLevel: 'x' }), [2]),
  refused('create with a capped that is a text', create({ capped: 'yes' }), [14]),
  refused('create with an option that does not exist', create({ frob: 1 }), [40415]),
  refused('a delete in the system namespace', (_, db) => db.collection('system.foobar').deleteOne({}), [73]),
  refused(
    'an update in the system namespace',
    (_, db) => db.collection('system.foobar').updateOne({}, { $set: { a: 1 } }),
    [73],
  ),
  refused('an insert into the system namespace', (_, db) => db.collection('system.foobar').insertOne({ a: 1 }), [73]),
  refused(
    'findAndModify in the system namespace',
    (_, db) => db.collection('system.foobar').findOneAndDelete({}),
    [73],
  ),
  refused('create in the system namespace', (_, db) => db.command({ create: 'system.foobar' }), [73]),
  refused(
    'createIndexes in the system namespace',
    (_, db) => db.command({ createIndexes: 'system.foobar', indexes: [{ key: { a: 1 }, name: 'a' }] }),
    [73],
  ),
  refused(
    'a write to a name with $',
    (_, db) => db.command({ update: 'a$b', updates: [{ q: {}, u: { $set: { a: new Int32(1) } } }] }),
    [73],
  ),
];

/** Mistakes in updates, indexes and collections that MongoDB tells, with its codes. */
export const UPDATES_MISTAKEN: readonly Fact[] = [...UPDATES, ...DEFINITIONS];
