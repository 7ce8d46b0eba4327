import { type Document, Double } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';
import { type Fact, refused } from './fact.ts';

const one = { _id: 1, a: 1, b: 2 };

const pipeline =
  (...stages: Document[]): Fact['asked'] =>
  (c) =>
    c.aggregate(stages).toArray();
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
  // Before version 8.0 these were 9.
  ...(['localField', 'foreignField', 'as'] as const).map((field) =>
    refused(
      `$lookup whose ${field} is no text`,
      pipeline({ $lookup: { from: 'f', localField: 'a', foreignField: 'b', as: 'j', [field]: 1 } }),
      [14, 9],
    ),
  ),
  refused(
    '$lookup whose let is no document',
    pipeline({ $lookup: { from: 'f', let: 1, pipeline: [], as: 'j' } }),
    [14, 9],
  ),
  refused('$lookup whose pipeline is no list', pipeline({ $lookup: { from: 'f', pipeline: 1, as: 'j' } }), [14, 9]),
  refused(
    '$lookup with a field that is not known',
    pipeline({ $lookup: { from: 'f', pipeline: [], as: 'j', x: 1 } }),
    [40415, 9],
  ),
  refused('$lookup by a local field alone', pipeline({ $lookup: { from: 'f', localField: 'a', as: 'j' } }), [9]),
  refused('$unionWith of a number', pipeline({ $unionWith: 1 }), [9]),
  refused('$unionWith of a collection that is a number', pipeline({ $unionWith: { coll: 1 } }), [14]),
  refused('$unionWith with a field that is not known', pipeline({ $unionWith: { coll: 'x', y: 1 } }), [40415]),
  ...['from', 'connectFromField', 'connectToField', 'as'].map((field) =>
    refused(
      `$graphLookup whose ${field} is no text`,
      pipeline({
        $graphLookup: { from: 'f', startWith: '$a', connectFromField: 'a', connectToField: 'b', as: 'c', [field]: 1 },
      }),
      [40103, 9],
    ),
  ),
  refused(
    '$graphLookup with a maxDepth that is a text',
    pipeline({
      $graphLookup: { from: 'f', startWith: 1, connectFromField: 'a', connectToField: 'b', as: 'c', maxDepth: 'x' },
    }),
    [40100],
  ),
  refused(
    '$graphLookup with a negative maxDepth',
    pipeline({
      $graphLookup: { from: 'f', startWith: 1, connectFromField: 'a', connectToField: 'b', as: 'c', maxDepth: -1 },
    }),
    [40101],
  ),
  refused(
    '$graphLookup without as',
    pipeline({ $graphLookup: { from: 'f', startWith: 1, connectFromField: 'a', connectToField: 'b' } }),
    [40105],
  ),
  refused('$graphLookup that is no document', pipeline({ $graphLookup: 1 }), [40327]),
  refused('$setWindowFields that is no document', pipeline({ $setWindowFields: 1 }), [9]),
  refused('$setWindowFields without output', pipeline({ $setWindowFields: {} }), [40414]),
  refused('$setWindowFields with an output that is a number', pipeline({ $setWindowFields: { output: 1 } }), [14]),
  refused(
    '$setWindowFields with a sortBy that is a number',
    pipeline({ $setWindowFields: { output: {}, sortBy: 1 } }),
    [14],
  ),
  refused(
    '$setWindowFields with a field that is not known',
    pipeline({ $setWindowFields: { output: {}, x: 1 } }),
    [40415],
  ),
  refused('$sort by a document', pipeline({ $sort: { a: { x: 1 } } }), [17312]),
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
  refused(
    '$bucket whose boundaries are no constants',
    pipeline({ $bucket: { groupBy: '$a', boundaries: ['$a', 5] } }),
    [40191],
  ),
  refused(
    '$bucket whose default is no constant',
    pipeline({ $bucket: { groupBy: '$a', boundaries: [0, 5], default: '$a' } }),
    [40195],
  ),
  refused(
    '$bucket with an _id of its own',
    pipeline({ $bucket: { groupBy: '$a', boundaries: [0, 5], output: { _id: { $sum: 1 } } } }),
    [15948],
  ),
  refused('$sortByCount of a document that is no expression', pipeline({ $sortByCount: { a: 1 } }), [40147]),
  refused('$sortByCount of a text without $', pipeline({ $sortByCount: 'a' }), [40148]),
  refused('$sortByCount of a number', pipeline({ $sortByCount: 1 }), [40149]),
  refused('$replaceRoot that is no document', pipeline({ $replaceRoot: '$a' }), [40229]),
  refused('$replaceRoot with a field that is not known', pipeline({ $replaceRoot: { newRoot: '$a', x: 1 } }), [40230]),
  refused('$replaceRoot without newRoot', pipeline({ $replaceRoot: {} }), [40231]),
  refused('$facet of no list', pipeline({ $facet: { a: 1 } }), [40170]),
  refused('$facet of a name with a dot', pipeline({ $facet: { 'a.b': [] } }), [16412]),
  refused('$facet of a name that begins with $', pipeline({ $facet: { $a: [] } }), [16410]),
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
  refused(
    'a positional projection beside $expr in a branch',
    shown({ 'a.$': 1 }, { $and: [{ a: 1 }, { $expr: true }] }),
    [224],
    {
      given: [{ _id: 1, a: [1] }],
    },
  ),
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
  ...([-1, 1.5, 'x', null, [1]] as const).map((size) =>
    refused(`$size of ${JSON.stringify(size)}`, (c) => c.find({ a: { $size: size } } as never).toArray(), [2]),
  ),
  ...(
    [
      { a: { $in: 1 } },
      { a: { $nin: {} } },
      { a: { $all: 1 } },
      { a: { $elemMatch: 1 } },
      { a: { $mod: [1] } },
      { a: { $mod: [0, 1] } },
      { a: { $not: 1 } },
      { a: { $not: {} } },
      { a: { $regex: 1 } },
      { a: { $options: 'i' } },
      { a: { $gt: /x/ } },
      { a: { $ne: /x/ } },
      { a: { $in: [{ $gt: 1 }] } },
      { a: { $frob: 1 } },
      { a: { $type: 'x' } },
      { $and: 1 },
      { $or: [] },
      { $nor: [1] },
      { $frob: 1 },
    ] as const
  ).map((filter) => refused(`the filter ${JSON.stringify(filter)}`, (c) => c.find(filter as never).toArray(), [2])),
  refused('let with a name that begins with a capital', (c) => c.aggregate([], { let: { X: 1 } }).toArray(), [9]),
];

/** Mistakes in pipelines, projections and filters that MongoDB tells, with its codes. */
export const STAGES_MISTAKEN: readonly Fact[] = [...STAGES, ...PROJECTIONS, ...FILTERS];
