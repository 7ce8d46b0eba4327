import { type Document, Double, Int32 } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';
import { type Fact, refused } from './fact.ts';

const one = { _id: 1, a: 1, b: 2 };

const pipeline =
  (...stages: Document[]): Fact['asked'] =>
  (c) =>
    c.aggregate(stages).toArray();
const projected =
  (expression: unknown): Fact['asked'] =>
  (c) =>
    c.aggregate([{ $project: { v: expression } }]).toArray();
const updated =
  (update: Fields, filter: Fields = {}, arrayFilters?: Fields[]): Fact['asked'] =>
  (c) =>
    c.updateOne(filter, update, arrayFilters === undefined ? {} : { arrayFilters });
const shown =
  (projection: Fields, filter: Fields = {}): Fact['asked'] =>
  (c) =>
    c.find(filter, { projection }).toArray();

const ACCUMULATORS = ['$sum', '$avg', '$min', '$max', '$first', '$last', '$push', '$addToSet', '$mergeObjects'];

const STAGES: readonly Fact[] = [
  ...ACCUMULATORS.map((name) =>
    refused(`${name} of a list in $group`, pipeline({ $group: { _id: null, s: { [name]: ['$a', '$b'] } } }), [40237], {
      given: [one],
    }),
  ),
  refused(
    '$sum of a list of one in $bucket',
    pipeline({ $bucket: { groupBy: '$a', boundaries: [0, 9], output: { s: { $sum: ['$a'] } } } }),
    [40237],
  ),
  refused('a field of $group that is no accumulator', pipeline({ $group: { _id: null, s: '$a' } }), [40234]),
  refused('a field of $group that is a document', pipeline({ $group: { _id: null, s: { x: 1 } } }), [40234]),
  refused('two accumulators in one field', pipeline({ $group: { _id: null, s: { $sum: 1, $avg: 1 } } }), [40238]),
  ...[1, true, 0, new Double(1)].map((value) =>
    refused(`an inclusion inside the _id of $group: ${value}`, pipeline({ $group: { _id: { a: value } } }), [17390], {
      given: [one],
    }),
  ),
  ...(['localField', 'foreignField', 'as'] as const).map((field) =>
    refused(
      `$lookup whose ${field} begins with $`,
      pipeline({ $lookup: { from: 'f', localField: 'a', foreignField: 'b', as: 'j', [field]: '$a' } }),
      [16410],
      { given: [one] },
    ),
  ),
  refused(
    '$lookup whose from is no text',
    pipeline({ $lookup: { from: 1, localField: 'a', foreignField: 'b', as: 'j' } }),
    [9],
  ),
  refused(
    '$lookup whose let is no document',
    pipeline({ $lookup: { from: 'f', let: 1, pipeline: [], as: 'j' } }),
    [9, 14],
  ),
  refused('$lookup that is no document', pipeline({ $lookup: 'f' }), [9]),
  ...(['$addFields', '$set'] as const).map((name) =>
    refused(`${name} of a dotted name inside an object`, pipeline({ [name]: { a: { 'b.c': 1 } } }), [40183], {
      given: [one],
    }),
  ),
  refused('$set of two expressions in one document', pipeline({ $set: { a: { $add: [1], $abs: 1 } } }), [40181]),
  refused('$set of a path and of a path in it', pipeline({ $set: { a: 1, 'a.b': 1 } }), [40176]),
  refused('$set of a name that begins with $', pipeline({ $set: { 'a.$b': 1 } }), [16410]),
  refused('$unwind of a number', pipeline({ $unwind: 1 }), [15981]),
  refused('$unwind without a path', pipeline({ $unwind: {} }), [28812]),
  refused('$unwind of a path that is no text', pipeline({ $unwind: { path: 1 } }), [28808]),
  refused('$unwind of a path without $', pipeline({ $unwind: 'a' }), [28818]),
  refused('$unwind with a field that is not known', pipeline({ $unwind: { path: '$a', more: 1 } }), [28811]),
  ...['yes', 1, null].map((value) =>
    refused(
      `$unwind with a preserveNullAndEmptyArrays of ${JSON.stringify(value)}`,
      pipeline({ $unwind: { path: '$a', preserveNullAndEmptyArrays: value } }),
      [28809],
      { given: [one] },
    ),
  ),
  ...[1, null, '', true].map((value) =>
    refused(
      `$unwind with an includeArrayIndex of ${JSON.stringify(value)}`,
      pipeline({ $unwind: { path: '$a', includeArrayIndex: value } }),
      [28810],
    ),
  ),
  refused(
    '$unwind with an includeArrayIndex that begins with $',
    pipeline({ $unwind: { path: '$a', includeArrayIndex: '$i' } }),
    [28822],
  ),
  refused('$sample that is no document', pipeline({ $sample: 1 }), [28745]),
  refused('$sample of a size that is no number', pipeline({ $sample: { size: 'x' } }), [28746]),
  refused('$sample of a negative size', pipeline({ $sample: { size: -1 } }), [28747]),
  refused('$sample with a field that is not known', pipeline({ $sample: { size: 1, x: 1 } }), [28748]),
  refused('$sample without a size', pipeline({ $sample: {} }), [28749]),
  refused('$sort by what is no number', pipeline({ $sort: { a: 'up' } }), [15974]),
  refused('$sort by 2', pipeline({ $sort: { a: 2 } }), [15975]),
  refused('$count of no text', pipeline({ $count: 1 }), [40156]),
  refused('$count of an empty text', pipeline({ $count: '' }), [40157]),
  refused('$count of a name that begins with $', pipeline({ $count: '$x' }), [40158]),
  refused('$count of a name with a dot', pipeline({ $count: 'a.b' }), [40160]),
  refused('$unset of a number', pipeline({ $unset: 1 }), [31002]),
  refused('$unset of nothing', pipeline({ $unset: [] }), [31119]),
  refused('$unset of a list with a number', pipeline({ $unset: [1] }), [31120]),
  refused('$limit of a negative number', pipeline({ $limit: -1 }), [5107201]),
  refused('$limit of a fraction', pipeline({ $limit: 1.5 }), [5107201]),
  refused('$limit of a text', pipeline({ $limit: '1' }), [5107201]),
  refused('$skip of a negative number', pipeline({ $skip: -1 }), [5107200]),
  refused('$skip of a text', pipeline({ $skip: '1' }), [5107200]),
  refused('$bucket that is no document', pipeline({ $bucket: 1 }), [40201]),
  refused('$bucket without groupBy', pipeline({ $bucket: { boundaries: [0, 1] } }), [40198]),
  refused('$bucket by a constant', pipeline({ $bucket: { groupBy: 'a', boundaries: [0, 1] } }), [40202]),
  refused('$bucket whose boundaries are no list', pipeline({ $bucket: { groupBy: '$a', boundaries: 1 } }), [40200]),
  refused(
    '$bucket with a field that is not known',
    pipeline({ $bucket: { groupBy: '$a', boundaries: [0, 1], x: 1 } }),
    [40197],
  ),
  refused('$sortByCount of a document that is no expression', pipeline({ $sortByCount: { a: 1 } }), [40147]),
  refused('$sortByCount of a text without $', pipeline({ $sortByCount: 'a' }), [40148]),
  refused('$sortByCount of a number', pipeline({ $sortByCount: 1 }), [40149]),
  refused('$replaceRoot that is no document', pipeline({ $replaceRoot: '$a' }), [40229]),
  refused('$replaceRoot with a field that is not known', pipeline({ $replaceRoot: { newRoot: '$a', x: 1 } }), [40230]),
  refused('$replaceRoot without newRoot', pipeline({ $replaceRoot: {} }), [40231]),
  refused('a field path that ends in a dot', projected('$a.'), [40353]),
  refused('a field path with an empty name', projected('$a..b'), [15998]),
  refused('a field path that is $ alone', projected('$'), [16872]),
  refused('$sortArray by 2', projected({ $sortArray: { input: '$l', sortBy: 2 } }), [2942506]),
  refused(
    '$sortArray with a field that is not known',
    projected({ $sortArray: { input: '$l', sortBy: 1, x: 1 } }),
    [2942501],
  ),
  refused('$filter without cond', projected({ $filter: { input: '$l' } }), [28650]),
  refused('$map with a field that is not known', projected({ $map: { input: '$l', in: 1, x: 1 } }), [16879]),
  refused('$reduce that is no document', projected({ $reduce: '$l' }), [40075]),
  refused('$let without in', projected({ $let: { vars: {} } }), [16877]),
  refused('$switch with a field that is not known', projected({ $switch: { branches: [], x: 1 } }), [40067]),
  refused('$dateToString without a date', projected({ $dateToString: { format: '%Y' } }), [18628]),
  refused('$dateToParts without a date', projected({ $dateToParts: {} }), [40522]),
  refused('$dateToParts of a text', projected({ $dateToParts: '$a' }), [40524]),
  refused('$trim without input', projected({ $trim: {} }), [50695]),
  refused('$year of a text', projected({ $year: '$s' }), [16006], { given: [{ _id: 1, s: 'x' }] }),
];

const PROJECTIONS: readonly Fact[] = [
  refused('a positional projection in $project', pipeline({ $project: { 'arr.$': 1 } }), [31324], { given: [one] }),
  refused('a positional projection in the middle of a path', shown({ 'g.$.v': 1 }, { 'g.v': 1 }), [31394], {
    given: [{ _id: 1, g: [{ v: 1 }] }],
  }),
  refused('two positional projections', shown({ 'a.$': 1, 'b.$': 1 }, { a: 1, b: 1 }), [31276]),
  refused('a positional projection that excludes', shown({ 'a.$': 0 }, { a: 1 }), [31395]),
  refused('a positional projection of a text', shown({ 'a.$': 'x' }, { a: 1 }), [31308]),
  refused('a positional projection of a document', shown({ 'a.$': { x: 1 } }, { a: 1 }), [31271]),
  refused(
    'a positional projection before $elemMatch',
    shown({ 'a.$': 1, b: { $elemMatch: { x: 1 } } }, { a: 1 }),
    [31255],
  ),
  refused(
    'a positional projection after $elemMatch',
    shown({ b: { $elemMatch: { x: 1 } }, 'a.$': 1 }, { a: 1 }),
    [31256],
  ),
  refused('a positional projection of an array that is shorter', shown({ 'b.$': 1 }, { a: 3 }), [51247], {
    given: [{ _id: 1, a: [1, 2, 3], b: [1] }],
  }),
  refused('a positional projection beside $expr', shown({ 'a.$': 1 }, { a: 1, $expr: true }), [224], {
    given: [{ _id: 1, a: [1] }],
  }),
  refused('a projection of $ alone', shown({ $: 1 }), [16410]),
  refused('a projection of an empty name', shown({ '': 1 }), [40352]),
  refused('a projection that ends in a dot', shown({ 'a.': 1 }), [40353]),
  refused('a projection with two dots', shown({ 'a..b': 1 }), [15998]),
  refused('a projection of a path and then of one in it', shown({ a: 1, 'a.b': 1 }), [31249]),
  refused('a projection of a path and then of one around it', shown({ 'a.b': 1, a: 1 }), [31250]),
  refused('a projection of a path and a slice around it', shown({ 'a.b': 0, a: { $slice: 1 } }), [31250]),
  refused('a projection of an expression that does not exist', shown({ a: { $frob: 1 } }), [31325]),
  refused('an expression in an exclusion', shown({ a: 0, b: { $add: [1] } }), [31252]),
  refused('a text in an exclusion', shown({ a: 0, b: 'x' }), [31310]),
  refused('$elemMatch of a number in a projection', shown({ a: { $elemMatch: 1 } }), [31274]),
  refused('$elemMatch at a path in a projection', shown({ 'a.b': { $elemMatch: { x: 1 } } }), [31275]),
  refused('$elemMatch with $slice in one field', shown({ a: { $elemMatch: { x: 1 }, $slice: 1 } }), [16410]),
  refused('$slice of no elements in a projection', shown({ a: { $slice: [1, 0] } }), [28724]),
  refused('$expr inside $elemMatch of a projection', shown({ a: { $elemMatch: { $expr: true } } }), [2]),
];

const FILTERS: readonly Fact[] = [
  refused('$expr inside $elemMatch', (c) => c.find({ a: { $elemMatch: { $expr: { $eq: [1, 1] } } } }).toArray(), [2], {
    given: [{ _id: 1, a: [{ x: 1 }] }],
  }),
  refused(
    '$expr inside $and inside $elemMatch',
    (c) => c.find({ a: { $elemMatch: { $and: [{ $expr: true }] } } }).toArray(),
    [2],
  ),
  refused(
    '$expr inside $not inside $elemMatch',
    (c) => c.find({ a: { $not: { $elemMatch: { $expr: true } } } }).toArray(),
    [2],
  ),
  refused(
    '$expr inside $elemMatch inside $all',
    (c) => c.find({ a: { $all: [{ $elemMatch: { $expr: true } }] } }).toArray(),
    [2],
  ),
  ...['$a', '$a.b', '$$ROOT', { $add: ['$a', 1] }].flatMap((value) => [
    refused(
      `let of aggregate with ${JSON.stringify(value)}`,
      (c) => c.aggregate([], { let: { x: value } }).toArray(),
      [4890500],
      {
        given: [one],
      },
    ),
    refused(`let of find with ${JSON.stringify(value)}`, (c) => c.find({}, { let: { x: value } }).toArray(), [4890500]),
  ]),
  refused('let with a name that begins with a capital', (c) => c.aggregate([], { let: { X: 1 } }).toArray(), [9]),
];

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

/** Mistakes that MongoDB tells, with its codes. */
export const MISTAKEN: readonly Fact[] = [...STAGES, ...PROJECTIONS, ...FILTERS, ...UPDATES, ...DEFINITIONS];
