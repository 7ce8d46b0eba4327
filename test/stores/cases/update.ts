// biome-ignore-all lint/suspicious/noThenProperty: $switch and $cond of MongoDB have a field of that name.
import { Decimal128, Int32, Long } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';

/** One update of the manual and what it leaves. `page` is under https://www.mongodb.com/docs/manual/. */
export interface UpdateCase {
  readonly page: string;
  readonly name: string;
  readonly documents: readonly Fields[];
  readonly filter: Fields;
  readonly update: Fields | Fields[];
  readonly many?: boolean;
  readonly upsert?: boolean;
  readonly arrayFilters?: Fields[];
  readonly after: readonly Fields[];
}

const operator = (name: string): string => `reference/operator/update/${name}/`;
const grade = (grade: number, mean: number, std: number): Fields => ({ grade, mean, std });

const PRODUCT = {
  _id: 100,
  quantity: 250,
  instock: true,
  reorder: false,
  details: { model: '14QQ', make: 'Clothes Corp' },
  tags: ['apparel', 'clothing'],
  ratings: [{ by: 'Customer007', rating: 4 }],
};

export const UPDATE_CASES: readonly UpdateCase[] = [
  {
    page: operator('set'),
    name: '$set of fields, nested ones and new ones',
    documents: [PRODUCT],
    filter: { _id: 100 },
    update: {
      $set: {
        quantity: 500,
        details: { model: '2600', make: 'Fashionaires' },
        tags: ['coats', 'outerwear', 'clothing'],
      },
    },
    after: [
      {
        ...PRODUCT,
        quantity: 500,
        details: { model: '2600', make: 'Fashionaires' },
        tags: ['coats', 'outerwear', 'clothing'],
      },
    ],
  },
  {
    page: operator('set'),
    name: '$set within a document',
    documents: [PRODUCT],
    filter: { _id: 100 },
    update: { $set: { 'details.make': 'Kustom Kidz' } },
    after: [{ ...PRODUCT, details: { model: '14QQ', make: 'Kustom Kidz' } }],
  },
  {
    page: operator('set'),
    name: '$set of array elements by position',
    documents: [PRODUCT],
    filter: { _id: 100 },
    update: { $set: { 'tags.1': 'rain gear', 'ratings.0.rating': 2 } },
    after: [{ ...PRODUCT, tags: ['apparel', 'rain gear'], ratings: [{ by: 'Customer007', rating: 2 }] }],
  },
  {
    page: operator('unset'),
    name: '$unset',
    documents: [{ _id: 1, item: 'chisel', sku: 'C001', quantity: 4, instock: true }],
    filter: { sku: 'C001' },
    update: { $unset: { quantity: '', instock: '' } },
    after: [{ _id: 1, item: 'chisel', sku: 'C001' }],
  },
  {
    page: operator('inc'),
    name: '$inc, nested too',
    documents: [{ _id: 1, sku: 'abc123', quantity: 10, metrics: { orders: 2, ratings: 3.5 } }],
    filter: { sku: 'abc123' },
    update: { $inc: { quantity: -2, 'metrics.orders': 1 } },
    after: [{ _id: 1, sku: 'abc123', quantity: 8, metrics: { orders: 3, ratings: 3.5 } }],
  },
  {
    page: operator('mul'),
    name: '$mul of a decimal',
    documents: [{ _id: 1, item: 'Hats', price: Decimal128.fromString('10.99'), quantity: 25 }],
    filter: { _id: 1 },
    update: { $mul: { price: Decimal128.fromString('1.25'), quantity: 2 } },
    after: [{ _id: 1, item: 'Hats', price: Decimal128.fromString('13.7375'), quantity: 50 }],
  },
  {
    page: operator('mul'),
    name: '$mul of a missing field is zero of its type',
    documents: [{ _id: 2, item: 'Unknown' }],
    filter: { _id: 2 },
    update: { $mul: { price: Long.fromNumber(100) } },
    after: [{ _id: 2, item: 'Unknown', price: Long.fromNumber(0) }],
  },
  {
    page: operator('mul'),
    name: '$mul of mixed types takes the wider',
    documents: [{ _id: 3, item: 'Scarf', price: Decimal128.fromString('10') }],
    filter: { _id: 3 },
    update: { $mul: { price: new Int32(5) } },
    after: [{ _id: 3, item: 'Scarf', price: Decimal128.fromString('50') }],
  },
  {
    page: operator('min'),
    name: '$min',
    documents: [{ _id: 1, highScore: 800, lowScore: 200 }],
    filter: { _id: 1 },
    update: { $min: { lowScore: 150 } },
    after: [{ _id: 1, highScore: 800, lowScore: 150 }],
  },
  {
    page: operator('min'),
    name: '$min of what is smaller already',
    documents: [{ _id: 1, highScore: 800, lowScore: 150 }],
    filter: { _id: 1 },
    update: { $min: { lowScore: 250 } },
    after: [{ _id: 1, highScore: 800, lowScore: 150 }],
  },
  {
    page: operator('max'),
    name: '$max',
    documents: [{ _id: 1, highScore: 800, lowScore: 200 }],
    filter: { _id: 1 },
    update: { $max: { highScore: 950 } },
    after: [{ _id: 1, highScore: 950, lowScore: 200 }],
  },
  {
    page: operator('rename'),
    name: '$rename',
    documents: [
      {
        _id: 1,
        alias: ['The American Cincinnatus'],
        mobile: '555-555-5555',
        nmae: { first: 'george', last: 'washington' },
      },
    ],
    filter: { _id: 1 },
    update: { $rename: { nmae: 'name' } },
    after: [
      {
        _id: 1,
        alias: ['The American Cincinnatus'],
        mobile: '555-555-5555',
        name: { first: 'george', last: 'washington' },
      },
    ],
  },
  {
    page: operator('rename'),
    name: '$rename within a document',
    documents: [{ _id: 1, name: { first: 'george', last: 'washington' } }],
    filter: { _id: 1 },
    update: { $rename: { 'name.first': 'name.fname' } },
    after: [{ _id: 1, name: { last: 'washington', fname: 'george' } }],
  },
  {
    page: operator('rename'),
    name: '$rename of what is not there',
    documents: [{ _id: 1, name: 'x' }],
    filter: { _id: 1 },
    update: { $rename: { wife: 'spouse' } },
    after: [{ _id: 1, name: 'x' }],
  },
  {
    page: operator('setOnInsert'),
    name: '$setOnInsert when it inserts',
    documents: [],
    filter: { _id: 1 },
    update: { $set: { item: 'apple' }, $setOnInsert: { defaultQty: 100 } },
    upsert: true,
    after: [{ _id: 1, item: 'apple', defaultQty: 100 }],
  },
  {
    page: operator('setOnInsert'),
    name: '$setOnInsert when it does not',
    documents: [{ _id: 1, item: 'pear' }],
    filter: { _id: 1 },
    update: { $set: { item: 'apple' }, $setOnInsert: { defaultQty: 100 } },
    upsert: true,
    after: [{ _id: 1, item: 'apple' }],
  },
  {
    page: operator('addToSet'),
    name: '$addToSet of an array as one element',
    documents: [{ _id: 1, letters: ['a', 'b'] }],
    filter: { _id: 1 },
    update: { $addToSet: { letters: ['c', 'd'] } },
    after: [{ _id: 1, letters: ['a', 'b', ['c', 'd']] }],
  },
  {
    page: operator('addToSet'),
    name: '$addToSet with $each',
    documents: [{ _id: 2, item: 'cable', tags: ['electronics', 'supplies'] }],
    filter: { _id: 2 },
    update: { $addToSet: { tags: { $each: ['camera', 'electronics', 'accessories'] } } },
    after: [{ _id: 2, item: 'cable', tags: ['electronics', 'supplies', 'camera', 'accessories'] }],
  },
  {
    page: operator('pop'),
    name: '$pop of the first',
    documents: [{ _id: 1, scores: [8, 9, 10] }],
    filter: { _id: 1 },
    update: { $pop: { scores: -1 } },
    after: [{ _id: 1, scores: [9, 10] }],
  },
  {
    page: operator('pop'),
    name: '$pop of the last',
    documents: [{ _id: 10, scores: [9, 10] }],
    filter: { _id: 10 },
    update: { $pop: { scores: 1 } },
    after: [{ _id: 10, scores: [9] }],
  },
  {
    page: operator('pull'),
    name: '$pull of values',
    many: true,
    filter: {},
    documents: [
      {
        _id: 1,
        fruits: ['apples', 'pears', 'oranges', 'grapes', 'bananas'],
        vegetables: ['carrots', 'celery', 'squash', 'carrots'],
      },
      {
        _id: 2,
        fruits: ['plums', 'kiwis', 'oranges', 'bananas', 'apples'],
        vegetables: ['broccoli', 'zucchini', 'carrots', 'onions'],
      },
    ],
    update: { $pull: { fruits: { $in: ['apples', 'oranges'] }, vegetables: 'carrots' } },
    after: [
      { _id: 1, fruits: ['pears', 'grapes', 'bananas'], vegetables: ['celery', 'squash'] },
      { _id: 2, fruits: ['plums', 'kiwis', 'bananas'], vegetables: ['broccoli', 'zucchini', 'onions'] },
    ],
  },
  {
    page: operator('pull'),
    name: '$pull by a bound',
    documents: [{ _id: 1, votes: [3, 5, 6, 7, 7, 8] }],
    filter: { _id: 1 },
    update: { $pull: { votes: { $gte: 6 } } },
    after: [{ _id: 1, votes: [3, 5] }],
  },
  {
    page: operator('pull'),
    name: '$pull of documents by their fields',
    many: true,
    documents: [
      {
        _id: 1,
        results: [
          { item: 'A', score: 5 },
          { item: 'B', score: 8 },
        ],
      },
      {
        _id: 2,
        results: [
          { item: 'C', score: 8 },
          { item: 'B', score: 4 },
        ],
      },
    ],
    filter: {},
    update: { $pull: { results: { score: 8, item: 'B' } } },
    after: [
      { _id: 1, results: [{ item: 'A', score: 5 }] },
      {
        _id: 2,
        results: [
          { item: 'C', score: 8 },
          { item: 'B', score: 4 },
        ],
      },
    ],
  },
  {
    page: operator('pull'),
    name: '$pull of documents by $elemMatch',
    many: true,
    filter: {},
    documents: [
      {
        _id: 1,
        results: [
          {
            item: 'A',
            answers: [
              { q: 1, a: 4 },
              { q: 2, a: 6 },
            ],
          },
          {
            item: 'B',
            answers: [
              { q: 1, a: 8 },
              { q: 2, a: 9 },
            ],
          },
        ],
      },
    ],
    update: { $pull: { results: { answers: { $elemMatch: { q: 2, a: { $gte: 8 } } } } } },
    after: [
      {
        _id: 1,
        results: [
          {
            item: 'A',
            answers: [
              { q: 1, a: 4 },
              { q: 2, a: 6 },
            ],
          },
        ],
      },
    ],
  },
  {
    page: operator('pullAll'),
    name: '$pullAll',
    documents: [{ _id: 1, scores: [0, 2, 5, 5, 1, 0] }],
    filter: { _id: 1 },
    update: { $pullAll: { scores: [0, 5] } },
    after: [{ _id: 1, scores: [2, 1] }],
  },
  {
    page: operator('push'),
    name: '$push of one and of many',
    documents: [{ _id: 1, scores: [44, 78, 38, 80] }],
    filter: { _id: 1 },
    update: { $push: { scores: { $each: [90, 92, 85] } } },
    after: [{ _id: 1, scores: [44, 78, 38, 80, 90, 92, 85] }],
  },
  {
    page: operator('push'),
    name: '$push sorts, then cuts',
    documents: [
      {
        _id: 5,
        quizzes: [
          { wk: 1, score: 10 },
          { wk: 2, score: 8 },
          { wk: 3, score: 5 },
          { wk: 4, score: 6 },
        ],
      },
    ],
    filter: { _id: 5 },
    update: {
      $push: {
        quizzes: {
          $each: [
            { wk: 5, score: 8 },
            { wk: 6, score: 7 },
            { wk: 7, score: 6 },
          ],
          $sort: { score: -1 },
          $slice: 3,
        },
      },
    },
    after: [
      {
        _id: 5,
        quizzes: [
          { wk: 1, score: 10 },
          { wk: 2, score: 8 },
          { wk: 5, score: 8 },
        ],
      },
    ],
  },
  {
    page: operator('position'),
    name: '$position at the start',
    documents: [{ _id: 1, scores: [100] }],
    filter: { _id: 1 },
    update: { $push: { scores: { $each: [50, 60, 70], $position: 0 } } },
    after: [{ _id: 1, scores: [50, 60, 70, 100] }],
  },
  {
    page: operator('position'),
    name: '$position in the middle',
    documents: [{ _id: 2, scores: [50, 60, 70, 100] }],
    filter: { _id: 2 },
    update: { $push: { scores: { $each: [20, 30], $position: 2 } } },
    after: [{ _id: 2, scores: [50, 60, 20, 30, 70, 100] }],
  },
  {
    page: operator('position'),
    name: '$position from the end',
    documents: [{ _id: 3, scores: [50, 60, 20, 30, 70, 100] }],
    filter: { _id: 3 },
    update: { $push: { scores: { $each: [90, 80], $position: -2 } } },
    after: [{ _id: 3, scores: [50, 60, 20, 30, 90, 80, 70, 100] }],
  },
  {
    page: operator('slice'),
    name: '$slice keeps the last',
    documents: [{ _id: 1, scores: [40, 50, 60] }],
    filter: { _id: 1 },
    update: { $push: { scores: { $each: [80, 78, 86], $slice: -5 } } },
    after: [{ _id: 1, scores: [50, 60, 80, 78, 86] }],
  },
  {
    page: operator('slice'),
    name: '$slice keeps the first',
    documents: [{ _id: 2, scores: [89, 90] }],
    filter: { _id: 2 },
    update: { $push: { scores: { $each: [100, 20], $slice: 3 } } },
    after: [{ _id: 2, scores: [89, 90, 100] }],
  },
  {
    page: operator('slice'),
    name: '$slice with nothing to add',
    documents: [{ _id: 3, scores: [89, 70, 100, 20] }],
    filter: { _id: 3 },
    update: { $push: { scores: { $each: [], $slice: -3 } } },
    after: [{ _id: 3, scores: [70, 100, 20] }],
  },
  {
    page: operator('sort'),
    name: '$sort of values',
    documents: [{ _id: 2, tests: [89, 70, 89, 50] }],
    filter: { _id: 2 },
    update: { $push: { tests: { $each: [40, 60], $sort: 1 } } },
    after: [{ _id: 2, tests: [40, 50, 60, 70, 89, 89] }],
  },
  {
    page: operator('positional'),
    name: '$ is the element that matched',
    documents: [{ _id: 1, grades: [85, 80, 80] }],
    filter: { _id: 1, grades: 80 },
    update: { $set: { 'grades.$': 82 } },
    after: [{ _id: 1, grades: [85, 82, 80] }],
  },
  {
    page: operator('positional'),
    name: '$ in documents of an array',
    documents: [{ _id: 4, grades: [grade(80, 75, 8), grade(85, 90, 5), grade(85, 85, 8)] }],
    filter: { _id: 4, 'grades.grade': 85 },
    update: { $set: { 'grades.$.std': 6 } },
    after: [{ _id: 4, grades: [grade(80, 75, 8), grade(85, 90, 6), grade(85, 85, 8)] }],
  },
  {
    page: operator('positional'),
    name: '$ with $elemMatch',
    documents: [{ _id: 5, grades: [grade(80, 75, 8), grade(85, 90, 5), grade(90, 85, 3)] }],
    filter: { _id: 5, grades: { $elemMatch: { grade: { $lte: 90 }, mean: { $gt: 80 } } } },
    update: { $set: { 'grades.$.std': 6 } },
    after: [{ _id: 5, grades: [grade(80, 75, 8), grade(85, 90, 6), grade(90, 85, 3)] }],
  },
  {
    page: operator('positional-all'),
    name: '$[] is every element',
    many: true,
    documents: [
      { _id: 1, grades: [85, 82, 80] },
      { _id: 2, grades: [88, 90, 92] },
    ],
    filter: {},
    update: { $inc: { 'grades.$[]': 10 } },
    after: [
      { _id: 1, grades: [95, 92, 90] },
      { _id: 2, grades: [98, 100, 102] },
    ],
  },
  {
    page: operator('positional-all'),
    name: '$[] in documents of an array',
    documents: [{ _id: 1, grades: [grade(80, 75, 8), grade(85, 90, 6)] }],
    filter: {},
    update: { $inc: { 'grades.$[].std': -2 } },
    after: [{ _id: 1, grades: [grade(80, 75, 6), grade(85, 90, 4)] }],
  },
  {
    page: operator('positional-filtered'),
    name: '$[name] with a filter on values',
    many: true,
    documents: [
      { _id: 1, grades: [95, 92, 90] },
      { _id: 2, grades: [98, 100, 102] },
      { _id: 3, grades: [95, 110, 100] },
    ],
    filter: { grades: { $gte: 100 } },
    update: { $set: { 'grades.$[element]': 100 } },
    arrayFilters: [{ element: { $gte: 100 } }],
    after: [
      { _id: 1, grades: [95, 92, 90] },
      { _id: 2, grades: [98, 100, 100] },
      { _id: 3, grades: [95, 100, 100] },
    ],
  },
  {
    page: operator('positional-filtered'),
    name: '$[name] with a filter on fields',
    documents: [{ _id: 1, grades: [grade(80, 75, 6), grade(85, 90, 4), grade(85, 85, 6)] }],
    filter: {},
    update: { $set: { 'grades.$[elem].mean': 100 } },
    arrayFilters: [{ 'elem.grade': { $gte: 85 } }],
    after: [{ _id: 1, grades: [grade(80, 75, 6), grade(85, 100, 4), grade(85, 100, 6)] }],
  },
  {
    page: operator('positional-filtered'),
    name: '$[name] within $[name]',
    documents: [
      {
        _id: 1,
        grades: [
          { type: 'quiz', questions: [10, 8, 5] },
          { type: 'quiz', questions: [8, 9, 6] },
          { type: 'hw', questions: [5, 4, 3] },
          { type: 'exam', questions: [25, 10, 23, 0] },
        ],
      },
    ],
    filter: {},
    update: { $inc: { 'grades.$[t].questions.$[score]': 2 } },
    arrayFilters: [{ 't.type': 'quiz' }, { score: { $gte: 8 } }],
    after: [
      {
        _id: 1,
        grades: [
          { type: 'quiz', questions: [12, 10, 5] },
          { type: 'quiz', questions: [10, 11, 6] },
          { type: 'hw', questions: [5, 4, 3] },
          { type: 'exam', questions: [25, 10, 23, 0] },
        ],
      },
    ],
  },
  {
    page: 'tutorial/update-documents-with-aggregation-pipeline/',
    name: 'a pipeline of $set with $trunc and $switch',
    many: true,
    filter: {},
    documents: [
      { _id: 1, tests: [95, 92, 90] },
      { _id: 2, tests: [94, 88, 90] },
      { _id: 3, tests: [70, 75, 82] },
    ],
    update: [
      { $set: { average: { $trunc: [{ $avg: '$tests' }, 0] } } },
      {
        $set: {
          grade: {
            $switch: {
              branches: [
                { case: { $gte: ['$average', 90] }, then: 'A' },
                { case: { $gte: ['$average', 80] }, then: 'B' },
                { case: { $gte: ['$average', 70] }, then: 'C' },
                { case: { $gte: ['$average', 60] }, then: 'D' },
              ],
              default: 'F',
            },
          },
        },
      },
    ],
    after: [
      { _id: 1, tests: [95, 92, 90], average: { $numberDouble: '92.0' }, grade: 'A' },
      { _id: 2, tests: [94, 88, 90], average: { $numberDouble: '90.0' }, grade: 'A' },
      { _id: 3, tests: [70, 75, 82], average: { $numberDouble: '75.0' }, grade: 'C' },
    ],
  },
  {
    page: 'reference/method/db.collection.updateOne/',
    name: 'an upsert begins with what the filter holds equal',
    documents: [],
    filter: { _id: 7, 'a.b': 1, c: { $gt: 5 }, d: { $eq: 'x' } },
    update: { $set: { e: 2 } },
    upsert: true,
    after: [{ _id: 7, a: { b: 1 }, d: 'x', e: 2 }],
  },
];
