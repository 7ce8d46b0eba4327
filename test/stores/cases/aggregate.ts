// biome-ignore-all lint/suspicious/noThenProperty: $switch and $cond of MongoDB have a field of that name.
import { Decimal128, Double, Int32, Long } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';

/** One pipeline of the manual and its rows. `page` is under https://www.mongodb.com/docs/manual/reference/. */
export interface AggregateCase {
  readonly page: string;
  readonly name: string;
  readonly documents: readonly Fields[];
  /** A second collection, `other`, for stages that look into one. */
  readonly other?: readonly Fields[];
  readonly pipeline: readonly Fields[];
  readonly rows: readonly Fields[];
  /** Whether the order of the rows is promised. */
  readonly ordered?: boolean;
}

const stage = (name: string): string => `operator/aggregation/${name}/`;
const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
const iso = (text: string): Date => new Date(text);

const SALES = [
  { _id: 1, item: 'abc', price: decimal('10'), quantity: 2, date: iso('2014-03-01T08:00:00Z') },
  { _id: 2, item: 'jkl', price: decimal('20'), quantity: 1, date: iso('2014-03-01T09:00:00Z') },
  { _id: 3, item: 'xyz', price: decimal('5'), quantity: 10, date: iso('2014-03-15T09:00:00Z') },
  { _id: 4, item: 'xyz', price: decimal('5'), quantity: 20, date: iso('2014-04-04T11:21:39.736Z') },
  { _id: 5, item: 'abc', price: decimal('10'), quantity: 10, date: iso('2014-04-04T21:23:13.331Z') },
  { _id: 6, item: 'def', price: decimal('7.5'), quantity: 5, date: iso('2015-06-04T05:08:13Z') },
  { _id: 7, item: 'def', price: decimal('7.5'), quantity: 10, date: iso('2015-09-10T08:43:00Z') },
  { _id: 8, item: 'abc', price: decimal('10'), quantity: 5, date: iso('2016-02-06T20:20:13Z') },
];
const AMOUNT = { $sum: { $multiply: ['$price', '$quantity'] } };

const PLAIN_SALES = [
  { _id: 1, item: 'abc', price: 10, quantity: 2, date: iso('2014-01-01T08:00:00Z') },
  { _id: 2, item: 'jkl', price: 20, quantity: 1, date: iso('2014-02-03T09:00:00Z') },
  { _id: 3, item: 'xyz', price: 5, quantity: 5, date: iso('2014-02-03T09:05:00Z') },
  { _id: 4, item: 'abc', price: 10, quantity: 10, date: iso('2014-02-15T08:00:00Z') },
  { _id: 5, item: 'xyz', price: 5, quantity: 10, date: iso('2014-02-15T09:05:00Z') },
];

const BOOKS = [
  { _id: 8751, title: 'The Banquet', author: 'Dante', copies: 2 },
  { _id: 8752, title: 'Divine Comedy', author: 'Dante', copies: 1 },
  { _id: 8645, title: 'Eclogues', author: 'Dante', copies: 2 },
  { _id: 7000, title: 'The Odyssey', author: 'Homer', copies: 10 },
  { _id: 7020, title: 'Iliad', author: 'Homer', copies: 10 },
];

const SIZES = [
  { _id: 1, item: 'ABC', price: 80, sizes: ['S', 'M', 'L'] },
  { _id: 2, item: 'EFG', price: 120, sizes: [] },
  { _id: 3, item: 'IJK', price: 160, sizes: 'M' },
  { _id: 4, item: 'LMN', price: 10 },
  { _id: 5, item: 'XYZ', price: 5, sizes: null },
];

const ORDERS = [
  { _id: 1, item: 'almonds', price: 12, quantity: 2 },
  { _id: 2, item: 'pecans', price: 20, quantity: 1 },
  { _id: 3 },
];
const INVENTORY = [
  { _id: 1, sku: 'almonds', description: 'product 1', instock: 120 },
  { _id: 2, sku: 'bread', description: 'product 2', instock: 80 },
  { _id: 3, sku: 'cashews', description: 'product 3', instock: 60 },
  { _id: 4, sku: 'pecans', description: 'product 4', instock: 70 },
  { _id: 5, sku: null, description: 'Incomplete' },
  { _id: 6 },
];

const PARTS = [
  { _id: 1, item: 'almonds', price: 12, ordered: 2 },
  { _id: 2, item: 'pecans', price: 20, ordered: 1 },
  { _id: 3, item: 'cookies', price: 10, ordered: 60 },
];
const WAREHOUSES = [
  { _id: 1, stock_item: 'almonds', warehouse: 'A', instock: 120 },
  { _id: 2, stock_item: 'pecans', warehouse: 'A', instock: 80 },
  { _id: 3, stock_item: 'almonds', warehouse: 'B', instock: 60 },
  { _id: 4, stock_item: 'cookies', warehouse: 'B', instock: 40 },
  { _id: 5, stock_item: 'cookies', warehouse: 'A', instock: 80 },
];

const EMPLOYEES = [
  { _id: 1, name: 'Dev' },
  { _id: 2, name: 'Eliot', reportsTo: 'Dev' },
  { _id: 3, name: 'Ron', reportsTo: 'Eliot' },
  { _id: 4, name: 'Andrew', reportsTo: 'Eliot' },
  { _id: 5, name: 'Asya', reportsTo: 'Ron' },
  { _id: 6, name: 'Dan', reportsTo: 'Andrew' },
];

const AIRPORTS = [
  { _id: 0, airport: 'JFK', connects: ['BOS', 'ORD'] },
  { _id: 1, airport: 'BOS', connects: ['JFK', 'PWM'] },
  { _id: 2, airport: 'ORD', connects: ['JFK'] },
  { _id: 3, airport: 'PWM', connects: ['BOS', 'LHR'] },
  { _id: 4, airport: 'LHR', connects: ['PWM'] },
];

const ARTISTS = [
  { _id: 1, last_name: 'Bernard', first_name: 'Emil', year_born: 1868, year_died: 1941, nationality: 'France' },
  { _id: 2, last_name: 'Rippl-Ronai', first_name: 'Joszef', year_born: 1861, year_died: 1927, nationality: 'Hungary' },
  { _id: 3, last_name: 'Ostroumova', first_name: 'Anna', year_born: 1871, year_died: 1955, nationality: 'Russia' },
  { _id: 4, last_name: 'Van Gogh', first_name: 'Vincent', year_born: 1853, year_died: 1890, nationality: 'Holland' },
  { _id: 5, last_name: 'Maurer', first_name: 'Alfred', year_born: 1868, year_died: 1932, nationality: 'USA' },
  { _id: 6, last_name: 'Munch', first_name: 'Edvard', year_born: 1863, year_died: 1944, nationality: 'Norway' },
  { _id: 7, last_name: 'Redon', first_name: 'Odilon', year_born: 1840, year_died: 1916, nationality: 'France' },
  { _id: 8, last_name: 'Diriks', first_name: 'Edvard', year_born: 1855, year_died: 1930, nationality: 'Norway' },
];

const CAKES = [
  { _id: 0, type: 'chocolate', orderDate: iso('2020-05-18T14:10:30Z'), state: 'CA', price: 13, quantity: 120 },
  { _id: 1, type: 'chocolate', orderDate: iso('2021-03-20T11:30:05Z'), state: 'WA', price: 14, quantity: 140 },
  { _id: 2, type: 'vanilla', orderDate: iso('2021-01-11T06:31:15Z'), state: 'CA', price: 12, quantity: 145 },
  { _id: 3, type: 'vanilla', orderDate: iso('2020-02-08T13:13:23Z'), state: 'WA', price: 13, quantity: 104 },
  { _id: 4, type: 'strawberry', orderDate: iso('2019-05-18T16:09:01Z'), state: 'CA', price: 41, quantity: 162 },
  { _id: 5, type: 'strawberry', orderDate: iso('2019-01-08T06:12:03Z'), state: 'WA', price: 43, quantity: 134 },
];

const TEAM = [
  { name: 'Pat', age: 30, address: { street: '12 Baker St', city: 'London' } },
  { name: 'Dallas', age: 36, address: { street: '12 Cowper St', city: 'Palo Alto' } },
  { name: 'Charlie', age: 42, address: { street: '12 French St', city: 'New Brunswick' } },
];

const MOVIE_DATE = iso('2014-01-01T08:15:39.736Z');

/** An expression over one document, and what it gives. */
function expression(
  page: string,
  name: string,
  expression: unknown,
  value: unknown,
  document: Fields = {},
): AggregateCase {
  return {
    page: stage(page),
    name,
    documents: [{ _id: 1, ...document }],
    pipeline: [{ $project: { value: expression } }],
    rows: [value === undefined ? { _id: 1 } : { _id: 1, value }],
  };
}

export const STAGE_CASES: readonly AggregateCase[] = [
  {
    page: stage('group'),
    name: '$group with a having',
    documents: SALES,
    pipeline: [{ $group: { _id: '$item', totalSaleAmount: AMOUNT } }, { $match: { totalSaleAmount: { $gte: 100 } } }],
    rows: [
      { _id: 'abc', totalSaleAmount: decimal('170') },
      { _id: 'xyz', totalSaleAmount: decimal('150') },
      { _id: 'def', totalSaleAmount: decimal('112.5') },
    ],
  },
  {
    page: stage('group'),
    name: '$group by day with sum, average and count',
    ordered: true,
    documents: SALES,
    pipeline: [
      { $match: { date: { $gte: iso('2014-01-01'), $lt: iso('2015-01-01') } } },
      {
        $group: {
          _id: { $dateToString: { format: '%Y-%m-%d', date: '$date' } },
          totalSaleAmount: AMOUNT,
          averageQuantity: { $avg: '$quantity' },
          count: { $sum: 1 },
        },
      },
      { $sort: { totalSaleAmount: -1 } },
    ],
    rows: [
      { _id: '2014-04-04', totalSaleAmount: decimal('200'), averageQuantity: new Double(15), count: 2 },
      { _id: '2014-03-15', totalSaleAmount: decimal('50'), averageQuantity: new Double(10), count: 1 },
      { _id: '2014-03-01', totalSaleAmount: decimal('40'), averageQuantity: 1.5, count: 2 },
    ],
  },
  {
    page: stage('group'),
    name: '$group of all',
    documents: SALES,
    pipeline: [
      { $group: { _id: null, totalSaleAmount: AMOUNT, averageQuantity: { $avg: '$quantity' }, count: { $sum: 1 } } },
    ],
    rows: [{ _id: null, totalSaleAmount: decimal('452.5'), averageQuantity: 7.875, count: 8 }],
  },
  {
    page: stage('group'),
    name: '$group for distinct values',
    documents: SALES,
    pipeline: [{ $group: { _id: '$item' } }],
    rows: [{ _id: 'abc' }, { _id: 'jkl' }, { _id: 'def' }, { _id: 'xyz' }],
  },
  {
    page: stage('group'),
    name: '$push gathers',
    documents: BOOKS,
    pipeline: [{ $group: { _id: '$author', books: { $push: '$title' } } }],
    rows: [
      { _id: 'Homer', books: ['The Odyssey', 'Iliad'] },
      { _id: 'Dante', books: ['The Banquet', 'Divine Comedy', 'Eclogues'] },
    ],
  },
  {
    page: stage('group'),
    name: '$push of $$ROOT with a total',
    documents: BOOKS.slice(3),
    pipeline: [
      { $group: { _id: '$author', books: { $push: '$$ROOT' } } },
      { $addFields: { totalCopies: { $sum: '$books.copies' } } },
    ],
    rows: [{ _id: 'Homer', books: BOOKS.slice(3), totalCopies: 20 }],
  },
  {
    page: stage('sum'),
    name: '$sum in $group',
    documents: PLAIN_SALES,
    pipeline: [
      {
        $group: {
          _id: { day: { $dayOfYear: '$date' }, year: { $year: '$date' } },
          totalAmount: AMOUNT,
          count: { $sum: 1 },
        },
      },
    ],
    rows: [
      { _id: { day: 46, year: 2014 }, totalAmount: 150, count: 2 },
      { _id: { day: 34, year: 2014 }, totalAmount: 45, count: 2 },
      { _id: { day: 1, year: 2014 }, totalAmount: 20, count: 1 },
    ],
  },
  {
    page: stage('avg'),
    name: '$avg in $group',
    documents: PLAIN_SALES,
    pipeline: [
      {
        $group: {
          _id: '$item',
          avgAmount: { $avg: { $multiply: ['$price', '$quantity'] } },
          avgQuantity: { $avg: '$quantity' },
        },
      },
    ],
    rows: [
      { _id: 'xyz', avgAmount: 37.5, avgQuantity: 7.5 },
      { _id: 'jkl', avgAmount: new Double(20), avgQuantity: new Double(1) },
      { _id: 'abc', avgAmount: new Double(60), avgQuantity: new Double(6) },
    ],
  },
  {
    page: stage('first'),
    name: '$first after a $sort',
    documents: PLAIN_SALES,
    pipeline: [{ $sort: { item: 1, date: 1 } }, { $group: { _id: '$item', firstSale: { $first: '$date' } } }],
    rows: [
      { _id: 'abc', firstSale: iso('2014-01-01T08:00:00Z') },
      { _id: 'jkl', firstSale: iso('2014-02-03T09:00:00Z') },
      { _id: 'xyz', firstSale: iso('2014-02-03T09:05:00Z') },
    ],
  },
  {
    page: stage('last'),
    name: '$last after a $sort',
    documents: PLAIN_SALES,
    pipeline: [{ $sort: { item: 1, date: 1 } }, { $group: { _id: '$item', lastSalesDate: { $last: '$date' } } }],
    rows: [
      { _id: 'abc', lastSalesDate: iso('2014-02-15T08:00:00Z') },
      { _id: 'jkl', lastSalesDate: iso('2014-02-03T09:00:00Z') },
      { _id: 'xyz', lastSalesDate: iso('2014-02-15T09:05:00Z') },
    ],
  },
  {
    page: stage('max'),
    name: '$max in $group',
    documents: PLAIN_SALES,
    pipeline: [
      {
        $group: {
          _id: '$item',
          maxTotalAmount: { $max: { $multiply: ['$price', '$quantity'] } },
          maxQuantity: { $max: '$quantity' },
        },
      },
    ],
    rows: [
      { _id: 'xyz', maxTotalAmount: 50, maxQuantity: 10 },
      { _id: 'jkl', maxTotalAmount: 20, maxQuantity: 1 },
      { _id: 'abc', maxTotalAmount: 100, maxQuantity: 10 },
    ],
  },
  {
    page: stage('count-accumulator'),
    name: '$count as an accumulator',
    documents: CAKES,
    pipeline: [{ $group: { _id: '$state', countNumberOfDocumentsForState: { $count: {} } } }],
    rows: [
      { _id: 'CA', countNumberOfDocumentsForState: 3 },
      { _id: 'WA', countNumberOfDocumentsForState: 3 },
    ],
  },
  {
    page: stage('count'),
    name: '$count as a stage',
    documents: [
      { _id: 1, score: 88 },
      { _id: 2, score: 92 },
      { _id: 3, score: 97 },
      { _id: 4, score: 71 },
      { _id: 5, score: 79 },
      { _id: 6, score: 83 },
    ],
    pipeline: [{ $match: { score: { $gt: 80 } } }, { $count: 'passing_scores' }],
    rows: [{ passing_scores: 4 }],
  },
  {
    page: stage('unwind'),
    name: '$unwind',
    ordered: true,
    documents: SIZES,
    pipeline: [{ $unwind: '$sizes' }],
    rows: [
      { _id: 1, item: 'ABC', price: 80, sizes: 'S' },
      { _id: 1, item: 'ABC', price: 80, sizes: 'M' },
      { _id: 1, item: 'ABC', price: 80, sizes: 'L' },
      { _id: 3, item: 'IJK', price: 160, sizes: 'M' },
    ],
  },
  {
    page: stage('unwind'),
    name: '$unwind with the position',
    ordered: true,
    documents: SIZES,
    pipeline: [{ $unwind: { path: '$sizes', includeArrayIndex: 'arrayIndex' } }],
    rows: [
      { _id: 1, item: 'ABC', price: 80, sizes: 'S', arrayIndex: Long.fromNumber(0) },
      { _id: 1, item: 'ABC', price: 80, sizes: 'M', arrayIndex: Long.fromNumber(1) },
      { _id: 1, item: 'ABC', price: 80, sizes: 'L', arrayIndex: Long.fromNumber(2) },
      { _id: 3, item: 'IJK', price: 160, sizes: 'M', arrayIndex: null },
    ],
  },
  {
    page: stage('unwind'),
    name: '$unwind that keeps what is empty',
    ordered: true,
    documents: SIZES,
    pipeline: [{ $unwind: { path: '$sizes', preserveNullAndEmptyArrays: true } }],
    rows: [
      { _id: 1, item: 'ABC', price: 80, sizes: 'S' },
      { _id: 1, item: 'ABC', price: 80, sizes: 'M' },
      { _id: 1, item: 'ABC', price: 80, sizes: 'L' },
      { _id: 2, item: 'EFG', price: 120 },
      { _id: 3, item: 'IJK', price: 160, sizes: 'M' },
      { _id: 4, item: 'LMN', price: 10 },
      { _id: 5, item: 'XYZ', price: 5, sizes: null },
    ],
  },
  {
    page: stage('lookup'),
    name: '$lookup by a field: missing finds null and missing',
    ordered: true,
    documents: ORDERS,
    other: INVENTORY,
    pipeline: [{ $lookup: { from: 'other', localField: 'item', foreignField: 'sku', as: 'inventory_docs' } }],
    rows: [
      {
        _id: 1,
        item: 'almonds',
        price: 12,
        quantity: 2,
        inventory_docs: [{ _id: 1, sku: 'almonds', description: 'product 1', instock: 120 }],
      },
      {
        _id: 2,
        item: 'pecans',
        price: 20,
        quantity: 1,
        inventory_docs: [{ _id: 4, sku: 'pecans', description: 'product 4', instock: 70 }],
      },
      { _id: 3, inventory_docs: [{ _id: 5, sku: null, description: 'Incomplete' }, { _id: 6 }] },
    ],
  },
  {
    page: stage('lookup'),
    name: '$lookup by an array',
    ordered: true,
    documents: [
      { _id: 1, title: 'Reading is ...', enrollmentlist: ['giraffe2', 'pandabear', 'artie'], days: ['M', 'W', 'F'] },
      { _id: 2, title: 'But Writing ...', enrollmentlist: ['giraffe1', 'artie'], days: ['T', 'F'] },
    ],
    other: [
      { _id: 1, name: 'artie' },
      { _id: 2, name: 'giraffe' },
      { _id: 3, name: 'giraffe1' },
      { _id: 4, name: 'panda' },
      { _id: 5, name: 'pandabear' },
      { _id: 6, name: 'giraffe2' },
    ],
    pipeline: [
      { $lookup: { from: 'other', localField: 'enrollmentlist', foreignField: 'name', as: 'enrollee_info' } },
      { $project: { found: { $sortArray: { input: '$enrollee_info.name', sortBy: 1 } } } },
    ],
    rows: [
      { _id: 1, found: ['artie', 'giraffe2', 'pandabear'] },
      { _id: 2, found: ['artie', 'giraffe1'] },
    ],
  },
  {
    page: stage('lookup'),
    name: '$lookup by a pipeline',
    ordered: true,
    documents: PARTS,
    other: WAREHOUSES,
    pipeline: [
      {
        $lookup: {
          from: 'other',
          let: { order_item: '$item', order_qty: '$ordered' },
          as: 'stockdata',
          pipeline: [
            {
              $match: {
                $expr: { $and: [{ $eq: ['$stock_item', '$$order_item'] }, { $gte: ['$instock', '$$order_qty'] }] },
              },
            },
            { $project: { stock_item: 0, _id: 0 } },
          ],
        },
      },
    ],
    rows: [
      {
        _id: 1,
        item: 'almonds',
        price: 12,
        ordered: 2,
        stockdata: [
          { warehouse: 'A', instock: 120 },
          { warehouse: 'B', instock: 60 },
        ],
      },
      { _id: 2, item: 'pecans', price: 20, ordered: 1, stockdata: [{ warehouse: 'A', instock: 80 }] },
      { _id: 3, item: 'cookies', price: 10, ordered: 60, stockdata: [{ warehouse: 'A', instock: 80 }] },
    ],
  },
  {
    page: stage('graphLookup'),
    name: '$graphLookup up a hierarchy',
    ordered: true,
    documents: EMPLOYEES,
    other: EMPLOYEES,
    pipeline: [
      {
        $graphLookup: {
          from: 'other',
          startWith: '$reportsTo',
          connectFromField: 'reportsTo',
          connectToField: 'name',
          as: 'reportingHierarchy',
        },
      },
      { $project: { names: { $sortArray: { input: '$reportingHierarchy.name', sortBy: 1 } } } },
    ],
    rows: [
      { _id: 1, names: [] },
      { _id: 2, names: ['Dev'] },
      { _id: 3, names: ['Dev', 'Eliot'] },
      { _id: 4, names: ['Dev', 'Eliot'] },
      { _id: 5, names: ['Dev', 'Eliot', 'Ron'] },
      { _id: 6, names: ['Andrew', 'Dev', 'Eliot'] },
    ],
  },
  {
    page: stage('graphLookup'),
    name: '$graphLookup with depth, through arrays',
    documents: [{ _id: 1, name: 'Dev', nearestAirport: 'JFK' }],
    other: AIRPORTS,
    pipeline: [
      {
        $graphLookup: {
          from: 'other',
          startWith: '$nearestAirport',
          connectFromField: 'connects',
          connectToField: 'airport',
          maxDepth: 2,
          depthField: 'numConnections',
          as: 'destinations',
        },
      },
      { $unwind: '$destinations' },
      { $replaceRoot: { newRoot: '$destinations' } },
      { $project: { _id: 0, airport: 1, numConnections: 1 } },
    ],
    rows: [
      { airport: 'JFK', numConnections: Long.fromNumber(0) },
      { airport: 'BOS', numConnections: Long.fromNumber(1) },
      { airport: 'ORD', numConnections: Long.fromNumber(1) },
      { airport: 'PWM', numConnections: Long.fromNumber(2) },
    ],
  },
  {
    page: stage('bucket'),
    name: '$bucket',
    documents: ARTISTS,
    pipeline: [
      {
        $bucket: {
          groupBy: '$year_born',
          boundaries: [1840, 1850, 1860, 1870, 1880],
          default: 'Other',
          output: {
            count: { $sum: 1 },
            artists: { $push: { name: { $concat: ['$first_name', ' ', '$last_name'] }, year_born: '$year_born' } },
          },
        },
      },
      { $match: { count: { $gt: 3 } } },
    ],
    rows: [
      {
        _id: 1860,
        count: 4,
        artists: [
          { name: 'Emil Bernard', year_born: 1868 },
          { name: 'Joszef Rippl-Ronai', year_born: 1861 },
          { name: 'Alfred Maurer', year_born: 1868 },
          { name: 'Edvard Munch', year_born: 1863 },
        ],
      },
    ],
  },
  {
    page: stage('facet'),
    name: '$facet',
    documents: ARTISTS,
    pipeline: [
      {
        $facet: {
          byNationality: [{ $sortByCount: '$nationality' }, { $limit: 2 }, { $count: 'n' }],
          born: [{ $bucket: { groupBy: '$year_born', boundaries: [1840, 1860, 1880] } }],
        },
      },
    ],
    rows: [
      {
        byNationality: [{ n: 2 }],
        born: [
          { _id: 1840, count: 3 },
          { _id: 1860, count: 5 },
        ],
      },
    ],
  },
  {
    page: stage('sortByCount'),
    name: '$sortByCount',
    ordered: true,
    documents: [
      { _id: 1, tags: ['painting', 'oil'] },
      { _id: 2, tags: ['painting'] },
      { _id: 3, tags: ['painting', 'oil', 'abstract'] },
    ],
    pipeline: [{ $unwind: '$tags' }, { $sortByCount: '$tags' }],
    rows: [
      { _id: 'painting', count: 3 },
      { _id: 'oil', count: 2 },
      { _id: 'abstract', count: 1 },
    ],
  },
  {
    page: stage('project'),
    name: '$project of nested fields',
    documents: [{ _id: 1, user: '1234', stop: { title: 'book1', author: 'xyz', page: 32 } }],
    pipeline: [{ $project: { 'stop.title': 1 } }],
    rows: [{ _id: 1, stop: { title: 'book1' } }],
  },
  {
    page: stage('project'),
    name: '$project that leaves out',
    documents: [
      {
        _id: 1,
        title: 'abc123',
        isbn: '0001122223334',
        author: { last: 'zzz', first: 'aaa' },
        copies: 5,
        lastModified: '2016-07-28',
      },
    ],
    pipeline: [{ $project: { 'author.first': 0, lastModified: 0 } }],
    rows: [{ _id: 1, title: 'abc123', isbn: '0001122223334', author: { last: 'zzz' }, copies: 5 }],
  },
  {
    page: stage('project'),
    name: '$project with $$REMOVE',
    documents: [
      { _id: 1, author: { last: 'zzz', first: 'aaa' } },
      { _id: 2, author: { last: 'xxx', first: 'yyy', middle: '' } },
      { _id: 3, author: { last: 'ttt', first: 'rrr', middle: 'mmm' } },
    ],
    pipeline: [
      {
        $project: {
          'author.first': 1,
          'author.last': 1,
          'author.middle': { $cond: { if: { $eq: ['', '$author.middle'] }, then: '$$REMOVE', else: '$author.middle' } },
        },
      },
    ],
    rows: [
      { _id: 1, author: { last: 'zzz', first: 'aaa' } },
      { _id: 2, author: { last: 'xxx', first: 'yyy' } },
      { _id: 3, author: { last: 'ttt', first: 'rrr', middle: 'mmm' } },
    ],
  },
  {
    page: stage('project'),
    name: '$project of a new array: what is missing is null',
    documents: [{ _id: 1, x: 1, y: 1 }],
    pipeline: [{ $project: { myArray: ['$x', '$y', '$someField'] } }],
    rows: [{ _id: 1, myArray: [1, 1, null] }],
  },
  {
    page: stage('addFields'),
    name: '$addFields of totals',
    documents: [{ _id: 1, student: 'Maya', homework: [10, 5, 10], quiz: [10, 8], extraCredit: 0 }],
    pipeline: [
      { $addFields: { totalHomework: { $sum: '$homework' }, totalQuiz: { $sum: '$quiz' } } },
      { $addFields: { totalScore: { $add: ['$totalHomework', '$totalQuiz', '$extraCredit'] } } },
    ],
    rows: [
      {
        _id: 1,
        student: 'Maya',
        homework: [10, 5, 10],
        quiz: [10, 8],
        extraCredit: 0,
        totalHomework: 25,
        totalQuiz: 18,
        totalScore: 43,
      },
    ],
  },
  {
    page: stage('addFields'),
    name: '$addFields within a document',
    documents: [
      { _id: 1, type: 'car', specs: { doors: 4, wheels: 4 } },
      { _id: 3, type: 'jet ski' },
    ],
    pipeline: [{ $addFields: { 'specs.fuel_type': 'unleaded' } }],
    rows: [
      { _id: 1, type: 'car', specs: { doors: 4, wheels: 4, fuel_type: 'unleaded' } },
      { _id: 3, type: 'jet ski', specs: { fuel_type: 'unleaded' } },
    ],
  },
  {
    page: stage('addFields'),
    name: '$addFields over a field',
    documents: [{ _id: 1, dogs: 10, cats: 15 }],
    pipeline: [{ $addFields: { cats: 20 } }],
    rows: [{ _id: 1, dogs: 10, cats: 20 }],
  },
  {
    page: stage('unset'),
    name: '$unset',
    documents: [
      {
        _id: 1,
        title: 'Antelope Antics',
        isbn: '0001122223334',
        author: { last: 'An', first: 'Auntie' },
        copies: [
          { warehouse: 'A', qty: 5 },
          { warehouse: 'B', qty: 15 },
        ],
      },
    ],
    pipeline: [{ $unset: ['isbn', 'author.first', 'copies.warehouse'] }],
    rows: [{ _id: 1, title: 'Antelope Antics', author: { last: 'An' }, copies: [{ qty: 5 }, { qty: 15 }] }],
  },
  {
    page: stage('replaceRoot'),
    name: '$replaceRoot with defaults',
    documents: [
      { _id: 1, name: 'Arlene', age: 34, pets: { dogs: 2, cats: 1 } },
      { _id: 2, name: 'Sam', age: 41, pets: { cats: 1, fish: 3 } },
      { _id: 3, name: 'Maria', age: 25 },
    ],
    pipeline: [{ $replaceRoot: { newRoot: { $mergeObjects: [{ dogs: 0, cats: 0, birds: 0, fish: 0 }, '$pets'] } } }],
    rows: [
      { dogs: 2, cats: 1, birds: 0, fish: 0 },
      { dogs: 0, cats: 1, birds: 0, fish: 3 },
      { dogs: 0, cats: 0, birds: 0, fish: 0 },
    ],
  },
  {
    page: stage('setWindowFields'),
    name: '$setWindowFields running total',
    ordered: true,
    documents: CAKES,
    pipeline: [
      {
        $setWindowFields: {
          partitionBy: '$state',
          sortBy: { orderDate: 1 },
          output: { total: { $sum: '$quantity', window: { documents: ['unbounded', 'current'] } } },
        },
      },
      { $sort: { state: 1, orderDate: 1 } },
      { $project: { total: 1 } },
    ],
    rows: [
      { _id: 4, total: 162 },
      { _id: 0, total: 282 },
      { _id: 2, total: 427 },
      { _id: 5, total: 134 },
      { _id: 3, total: 238 },
      { _id: 1, total: 378 },
    ],
  },
  {
    page: stage('unionWith'),
    name: '$unionWith',
    documents: [{ _id: 1, supplier: 'Aardvark and Sons' }],
    other: [
      { _id: 5, warehouse: 'A', state: 'Texas' },
      { _id: 6, warehouse: 'B', state: 'California' },
    ],
    pipeline: [{ $unionWith: { coll: 'other', pipeline: [{ $match: { state: 'Texas' } }] } }],
    rows: [
      { _id: 1, supplier: 'Aardvark and Sons' },
      { _id: 5, warehouse: 'A', state: 'Texas' },
    ],
  },
];

export const EXPRESSION_CASES: readonly AggregateCase[] = [
  expression(
    'add',
    '$add of a date and milliseconds',
    { $add: ['$date', 3 * 24 * 60 * 60000] },
    iso('2014-03-04T08:00:00Z'),
    { date: iso('2014-03-01T08:00:00Z') },
  ),
  expression(
    'subtract',
    '$subtract of two dates is milliseconds',
    { $subtract: [iso('2014-03-01T08:00:10Z'), iso('2014-03-01T08:00:00Z')] },
    Long.fromNumber(10_000),
  ),
  expression('divide', '$divide', { $divide: ['$hours', 8] }, 10.625, { hours: 85 }),
  expression('mod', '$mod', { $mod: ['$hours', '$tasks'] }, 3, { hours: 80, tasks: 7 }),
  expression('abs', '$abs', { $abs: -5 }, 5),
  expression('ceil', '$ceil', { $ceil: -2.3 }, new Double(-2)),
  expression('floor', '$floor', { $floor: -2.3 }, new Double(-3)),
  expression(
    'round',
    '$round half to even',
    [{ $round: 10.5 }, { $round: 11.5 }, { $round: 12.5 }],
    [new Double(10), new Double(12), new Double(12)],
  ),
  expression(
    'round',
    '$round at a place',
    [{ $round: [19.25, 1] }, { $round: [28.73, 1] }, { $round: [34.32, 1] }, { $round: [-45.39, 1] }],
    [19.2, 28.7, 34.3, -45.4],
  ),
  expression(
    'trunc',
    '$trunc at a place',
    [{ $trunc: [19.25, 1] }, { $trunc: [28.73, 1] }, { $trunc: [34.32, 1] }, { $trunc: [-45.39, 1] }],
    [19.2, 28.7, 34.3, -45.3],
  ),
  expression(
    'trunc',
    '$trunc before the point',
    [{ $trunc: [1234.5678, -2] }, { $round: [new Int32(1234), -2] }],
    [new Double(1200), 1200],
  ),
  expression(
    'sum',
    '$sum of arrays and of fields',
    [{ $sum: '$quizzes' }, { $sum: '$labs' }, { $sum: ['$final', '$midterm'] }],
    [23, 13, 155],
    { quizzes: [10, 6, 7], labs: [5, 8], final: 80, midterm: 75 },
  ),
  expression('avg', '$avg ignores what is no number', { $avg: [1, 'x', null, 2] }, 1.5),
  expression('avg', '$avg of nothing', { $avg: ['x'] }, null),
  expression('min', '$min of an array', { $min: '$quizzes' }, 6, { quizzes: [10, 6, 7] }),
  expression('cond', '$cond', { $cond: { if: { $gte: ['$qty', 250] }, then: 30, else: 20 } }, 30, { qty: 300 }),
  expression(
    'ifNull',
    '$ifNull',
    [{ $ifNull: ['$description', 'Unspecified'] }, { $ifNull: ['$a', '$b', 7] }],
    ['Unspecified', 7],
    { description: null },
  ),
  expression(
    'switch',
    '$switch',
    {
      $switch: {
        branches: [
          { case: { $gte: [{ $avg: '$scores' }, 90] }, then: 'Doing great!' },
          {
            case: { $and: [{ $gte: [{ $avg: '$scores' }, 80] }, { $lt: [{ $avg: '$scores' }, 90] }] },
            then: 'Doing pretty well.',
          },
        ],
        default: 'No scores found.',
      },
    },
    'Doing pretty well.',
    { scores: [87, 86, 78] },
  ),
  expression(
    'eq',
    'numbers of two types are equal',
    [{ $eq: [5, new Double(5)] }, { $eq: [Long.fromNumber(5), decimal('5.0')] }],
    [true, true],
  ),
  expression('cmp', '$cmp', { $cmp: [250, 300] }, -1),
  expression(
    'and',
    '$and of values',
    [
      { $and: [1, 'green'] },
      { $and: [] },
      { $and: [[null], [false], [0]] },
      { $and: [null, true] },
      { $and: [0, true] },
    ],
    [true, true, true, false, false],
  ),
  expression(
    'or',
    '$or of values',
    [{ $or: [true, false] }, { $or: [] }, { $or: [null, 0, null] }],
    [true, false, false],
  ),
  expression(
    'not',
    '$not of values',
    [{ $not: [true] }, { $not: [[false]] }, { $not: [false] }, { $not: [null] }, { $not: [0] }],
    [false, false, true, true, true],
  ),
  expression(
    'let',
    '$let',
    {
      $let: {
        vars: { total: { $add: ['$price', '$tax'] }, discounted: 2 },
        in: { $multiply: ['$$total', '$$discounted'] },
      },
    },
    new Double(21),
    { price: 10, tax: 0.5 },
  ),
  expression('size', '$size', { $size: '$colors' }, 3, { colors: ['blue', 'black', 'red'] }),
  expression(
    'arrayElemAt',
    '$arrayElemAt',
    [{ $arrayElemAt: [[1, 2, 3], 0] }, { $arrayElemAt: [[1, 2, 3], -2] }],
    [1, 2],
  ),
  expression('arrayElemAt', '$arrayElemAt out of bounds is missing', { $arrayElemAt: [[1, 2, 3], 15] }, undefined),
  expression(
    'slice',
    '$slice',
    [
      { $slice: [[1, 2, 3], 1, 1] },
      { $slice: [[1, 2, 3], -2] },
      { $slice: [[1, 2, 3], 15, 2] },
      { $slice: [[1, 2, 3], -15, 2] },
    ],
    [[2], [2, 3], [], [1, 2]],
  ),
  expression(
    'concatArrays',
    '$concatArrays',
    [
      { $concatArrays: [['hello', ' '], ['world']] },
      {
        $concatArrays: [
          ['hello', ' '],
          [['world'], 'again'],
        ],
      },
    ],
    [
      ['hello', ' ', 'world'],
      ['hello', ' ', ['world'], 'again'],
    ],
  ),
  expression('concatArrays', '$concatArrays with null', { $concatArrays: [['hello'], null] }, null),
  expression(
    'filter',
    '$filter',
    { $filter: { input: '$items', as: 'item', cond: { $gte: ['$$item.price', 100] } } },
    [{ item_id: 2, price: 240 }],
    {
      items: [
        { item_id: 43, price: 10 },
        { item_id: 2, price: 240 },
      ],
    },
  ),
  expression(
    'filter',
    '$filter with a limit',
    { $filter: { input: [5, 120, 200, 300], as: 'n', cond: { $gte: ['$$n', 100] }, limit: 1 } },
    [120],
  ),
  expression('map', '$map', { $map: { input: '$quizzes', as: 'grade', in: { $add: ['$$grade', 2] } } }, [7, 8, 9], {
    quizzes: [5, 6, 7],
  }),
  expression(
    'reduce',
    '$reduce of numbers',
    {
      $reduce: {
        input: [1, 2, 3, 4],
        initialValue: { sum: 5, product: 2 },
        in: { sum: { $add: ['$$value.sum', '$$this'] }, product: { $multiply: ['$$value.product', '$$this'] } },
      },
    },
    { sum: 15, product: 48 },
  ),
  expression(
    'reduce',
    '$reduce of arrays',
    {
      $reduce: {
        input: [
          [3, 4],
          [5, 6],
        ],
        initialValue: [1, 2],
        in: { $concatArrays: ['$$value', '$$this'] },
      },
    },
    [1, 2, 3, 4, 5, 6],
  ),
  expression(
    'in',
    '$in',
    [
      { $in: [2, [1, 2, 3]] },
      { $in: ['abc', ['xyz', 'abc']] },
      { $in: ['xy', ['xyz', 'abc']] },
      { $in: [['a'], ['a']] },
      { $in: [['a'], [['a']]] },
    ],
    [true, true, false, false, true],
  ),
  expression(
    'indexOfArray',
    '$indexOfArray',
    [
      { $indexOfArray: [['a', 'abc'], 'a'] },
      { $indexOfArray: [[1, 2], 5] },
      { $indexOfArray: [[1, 2, 3, 2, 1], 2, 2] },
    ],
    [0, -1, 3],
  ),
  expression('isArray', '$isArray', [{ $isArray: 'hello' }, { $isArray: [['hello', 'world']] }], [false, true]),
  expression(
    'range',
    '$range',
    [{ $range: [0, 10, 2] }, { $range: [10, 0, -2] }, { $range: [0, 10, -2] }, { $range: [0, 5] }],
    [[0, 2, 4, 6, 8], [10, 8, 6, 4, 2], [], [0, 1, 2, 3, 4]],
  ),
  expression(
    'reverseArray',
    '$reverseArray',
    [{ $reverseArray: { $literal: [1, 2, 3] } }, { $reverseArray: { $literal: [] } }],
    [[3, 2, 1], []],
  ),
  expression(
    'sortArray',
    '$sortArray by a field',
    { $sortArray: { input: '$team', sortBy: { name: 1 } } },
    [TEAM[2], TEAM[1], TEAM[0]],
    { team: TEAM },
  ),
  expression(
    'sortArray',
    '$sortArray by a nested field',
    { $sortArray: { input: '$team', sortBy: { 'address.city': -1 } } },
    [TEAM[1], TEAM[2], TEAM[0]],
    { team: TEAM },
  ),
  expression(
    'sortArray',
    '$sortArray of values of all types',
    {
      $sortArray: {
        input: [
          20,
          4,
          { a: 'Free' },
          6,
          21,
          5,
          'Gratis',
          { a: null },
          { a: { sale: true, price: 19 } },
          decimal('10.23'),
          { a: 'On sale' },
        ],
        sortBy: 1,
      },
    },
    [
      4,
      5,
      6,
      decimal('10.23'),
      20,
      21,
      'Gratis',
      { a: null },
      { a: 'Free' },
      { a: 'On sale' },
      { a: { sale: true, price: 19 } },
    ],
  ),
  expression(
    'firstN',
    '$firstN and $lastN',
    [{ $firstN: { n: 2, input: [1, 2, 3] } }, { $lastN: { n: 2, input: [1, 2, 3] } }],
    [
      [1, 2],
      [2, 3],
    ],
  ),
  expression(
    'setUnion',
    '$setUnion',
    {
      $setUnion: [
        ['a', 'b', 'a'],
        ['b', 'a'],
      ],
    },
    ['a', 'b'],
  ),
  expression(
    'setIntersection',
    '$setIntersection',
    {
      $setIntersection: [
        ['red', 'blue'],
        ['blue', 'red', 'green'],
      ],
    },
    ['blue', 'red'],
  ),
  expression('setDifference', '$setDifference', { $setDifference: [['a', 'b', 'a'], ['b']] }, ['a']),
  expression(
    'setIsSubset',
    '$setIsSubset',
    [
      {
        $setIsSubset: [
          ['a', 'b', 'a'],
          ['b', 'a'],
        ],
      },
      { $setIsSubset: [['a', 'b'], [['a', 'b']]] },
    ],
    [true, false],
  ),
  expression(
    'setEquals',
    '$setEquals',
    [
      {
        $setEquals: [
          ['a', 'b', 'a'],
          ['b', 'a'],
        ],
      },
      { $setEquals: [['a', 'b'], [['a', 'b']]] },
    ],
    [true, false],
  ),
  expression(
    'anyElementTrue',
    '$anyElementTrue',
    [{ $anyElementTrue: [[true, false]] }, { $anyElementTrue: [[null, false, 0]] }, { $anyElementTrue: [[]] }],
    [true, false, false],
  ),
  expression(
    'allElementsTrue',
    '$allElementsTrue',
    [
      { $allElementsTrue: [[true, 1, 'someString']] },
      { $allElementsTrue: [[[false]]] },
      { $allElementsTrue: [[null, false, 0]] },
    ],
    [true, true, false],
  ),
  expression(
    'concat',
    '$concat',
    [{ $concat: ['$item', ' - ', '$description'] }, { $concat: ['$item', null] }],
    ['ABC1 - product 1', null],
    { item: 'ABC1', description: 'product 1' },
  ),
  expression(
    'split',
    '$split',
    [{ $split: ['June-15-2013', '-'] }, { $split: ['banana split', 'a'] }, { $split: ['headphone jack', 7] }].slice(
      0,
      2,
    ),
    [
      ['June', '15', '2013'],
      ['b', 'n', 'n', ' split'],
    ],
  ),
  expression(
    'toLower',
    '$toLower and $toUpper of ASCII',
    [{ $toLower: 'PRODUCT 1' }, { $toUpper: 'product é' }, { $toLower: null }],
    ['product 1', 'PRODUCT é', ''],
  ),
  expression(
    'substrCP',
    '$substrCP counts code points',
    [{ $substrCP: ['cafétéria', 0, 5] }, { $substrCP: ['寿司sushi', 0, 3] }],
    ['cafét', '寿司s'],
  ),
  expression(
    'strLenCP',
    '$strLenCP and $strLenBytes',
    [
      { $strLenCP: 'cafétéria' },
      { $strLenBytes: 'cafétéria' },
      { $strLenCP: '$€λG' },
      { $strLenBytes: { $literal: '$€λA' } },
    ].filter((_, at) => at !== 2),
    [9, 11, 7],
  ),
  expression(
    'trim',
    '$trim',
    [
      { $trim: { input: '  \n good  bye \t  ' } },
      { $trim: { input: ' ggggoodbyeeeee', chars: 'ge' } },
      { $trim: { input: '    ggggoodbyeeeee', chars: ' ge' } },
    ],
    ['good  bye', ' ggggoodby', 'oodby'],
  ),
  expression(
    'ltrim',
    '$ltrim and $rtrim',
    [{ $ltrim: { input: '  x ' } }, { $rtrim: { input: '  x ' } }],
    ['x ', '  x'],
  ),
  expression(
    'indexOfCP',
    '$indexOfCP',
    [
      { $indexOfCP: ['cafeteria', 'e'] },
      { $indexOfCP: ['cafétéria', 'é'] },
      { $indexOfCP: ['foo.bar.fi', '.', 5] },
      { $indexOfCP: ['vanilla', 'll', 0, 2] },
    ],
    [3, 3, 7, -1],
  ),
  expression(
    'regexMatch',
    '$regexMatch',
    [
      { $regexMatch: { input: 'First line', regex: /line/ } },
      { $regexMatch: { input: 'LINE', regex: 'line', options: 'i' } },
      { $regexMatch: { input: null, regex: /x/ } },
    ],
    [true, true, false],
  ),
  expression(
    'replaceAll',
    '$replaceOne and $replaceAll',
    [
      { $replaceOne: { input: 'blue paint with blue paintbrush', find: 'blue paint', replacement: 'red paint' } },
      { $replaceAll: { input: 'blue paint with blue paintbrush', find: 'blue paint', replacement: 'red paint' } },
    ],
    ['red paint with blue paintbrush', 'red paint with red paintbrush'],
  ),
  expression(
    'mergeObjects',
    '$mergeObjects',
    [
      { $mergeObjects: [{ a: 1 }, null] },
      { $mergeObjects: [{ a: 1 }, { a: 2, b: 2 }] },
      { $mergeObjects: [{ a: 1 }, { a: 3, b: null }, { a: 2, b: 2 }] },
    ],
    [{ a: 1 }, { a: 2, b: 2 }, { a: 2, b: 2 }],
  ),
  expression(
    'objectToArray',
    '$objectToArray',
    { $objectToArray: '$dimensions' },
    [
      { k: 'l', v: 25 },
      { k: 'uom', v: 'cm' },
    ],
    { dimensions: { l: 25, uom: 'cm' } },
  ),
  expression(
    'arrayToObject',
    '$arrayToObject',
    [
      {
        $arrayToObject: {
          $literal: [
            { k: 'item', v: 'abc123' },
            { k: 'qty', v: 25 },
          ],
        },
      },
      {
        $arrayToObject: {
          $literal: [
            ['item', 'abc123'],
            ['qty', 25],
          ],
        },
      },
    ],
    [
      { item: 'abc123', qty: 25 },
      { item: 'abc123', qty: 25 },
    ],
  ),
  expression(
    'getField',
    '$getField of a name with a dot',
    { $getField: { field: { $literal: 'price.usd' }, input: { $literal: { 'price.usd': 45.99 } } } },
    45.99,
  ),
  expression(
    'type',
    '$type',
    [
      { $type: 'a' },
      { $type: /a/ },
      { $type: 1 },
      { $type: { $literal: -627.5 } },
      { $type: { x: 1 } },
      { $type: [[1, 2, 3]] },
      { $type: '$nothing' },
      { $type: null },
    ],
    ['string', 'regex', 'int', 'double', 'object', 'array', 'missing', 'null'],
  ),
  expression(
    'isNumber',
    '$isNumber',
    [{ $isNumber: 1 }, { $isNumber: decimal('1') }, { $isNumber: '1' }],
    [true, true, false],
  ),
  expression(
    'toDecimal',
    '$toDecimal',
    [
      { $toDecimal: true },
      { $toDecimal: 2.5 },
      { $toDecimal: new Int32(5) },
      { $toDecimal: Long.fromNumber(10_000) },
      { $toDecimal: '-5.5' },
      { $toDecimal: iso('2018-03-27T05:04:47.890Z') },
    ],
    [
      decimal('1'),
      decimal('2.50000000000000'),
      decimal('5'),
      decimal('10000'),
      decimal('-5.5'),
      decimal('1522127087890'),
    ],
  ),
  expression(
    'toDouble',
    '$toDouble',
    [{ $toDouble: true }, { $toDouble: 2.5 }, { $toDouble: Long.fromNumber(20_000) }, { $toDouble: '-5.5' }],
    [new Double(1), 2.5, new Double(20_000), -5.5],
  ),
  expression(
    'toInt',
    '$toInt',
    [
      { $toInt: true },
      { $toInt: 1.99999 },
      { $toInt: decimal('5.5000') },
      { $toInt: Long.fromNumber(6000) },
      { $toInt: '-2' },
    ],
    [1, 1, 5, 6000, -2],
  ),
  expression(
    'toLong',
    '$toLong',
    [{ $toLong: true }, { $toLong: 2.5 }, { $toLong: '-2' }, { $toLong: iso('2018-03-27T05:04:47.890Z') }],
    [Long.fromNumber(1), Long.fromNumber(2), Long.fromNumber(-2), Long.fromNumber(1522127087890)],
  ),
  expression(
    'toString',
    '$toString',
    [
      { $toString: true },
      { $toString: false },
      { $toString: 2.5 },
      { $toString: new Int32(2) },
      { $toString: Long.fromNumber(1000) },
      { $toString: iso('2018-03-27T16:58:51.538Z') },
    ],
    ['true', 'false', '2.5', '2', '1000', '2018-03-27T16:58:51.538Z'],
  ),
  expression(
    'toBool',
    '$toBool',
    [
      { $toBool: false },
      { $toBool: 1.99999 },
      { $toBool: decimal('0.0000') },
      { $toBool: 'false' },
      { $toBool: '' },
      { $toBool: null },
    ],
    [false, true, false, true, true, null],
  ),
  expression(
    'toDate',
    '$toDate',
    [
      { $toDate: Long.fromString('120000000000') },
      { $toDate: decimal('1253372036000.50') },
      { $toDate: '2018-03-20' },
      { $toDate: '2018-03-20T12:00:00+05:00' },
    ],
    [
      iso('1973-10-20T21:20:00Z'),
      iso('2009-09-19T14:53:56.000Z'),
      iso('2018-03-20T00:00:00Z'),
      iso('2018-03-20T07:00:00Z'),
    ],
  ),
  expression(
    'convert',
    '$convert with onError and onNull',
    [{ $convert: { input: 'x', to: 'int', onError: 'bad' } }, { $convert: { input: null, to: 'int', onNull: 'none' } }],
    ['bad', 'none'],
  ),
  expression(
    'year',
    'the parts of a date',
    [
      { $year: '$date' },
      { $month: '$date' },
      { $dayOfMonth: '$date' },
      { $hour: '$date' },
      { $minute: '$date' },
      { $second: '$date' },
      { $millisecond: '$date' },
      { $dayOfYear: '$date' },
      { $dayOfWeek: '$date' },
    ],
    [2014, 1, 1, 8, 15, 39, 736, 1, 4],
    { date: MOVIE_DATE },
  ),
  expression(
    'hour',
    'a part of a date in a zone',
    [{ $hour: { date: '$date', timezone: 'America/New_York' } }, { $hour: { date: '$date', timezone: '+0430' } }],
    [3, 12],
    { date: MOVIE_DATE },
  ),
  expression(
    'dateToString',
    '$dateToString',
    [
      { $dateToString: { format: '%Y-%m-%d', date: '$date' } },
      { $dateToString: { format: '%H:%M:%S:%L%z', date: '$date', timezone: 'America/New_York' } },
      { $dateToString: { format: '%H:%M:%S:%L%z', date: '$date', timezone: '+04:30' } },
      { $dateToString: { format: '%Z', date: '$date', timezone: 'America/New_York' } },
      { $dateToString: { format: '%Z', date: '$date', timezone: '+04:30' } },
    ],
    ['2014-01-01', '03:15:39:736-0500', '12:45:39:736+0430', '-300', '270'],
    { date: MOVIE_DATE },
  ),
  expression(
    'dateAdd',
    '$dateAdd at the end of a month',
    [
      { $dateAdd: { startDate: iso('2020-01-31T12:10:05Z'), unit: 'month', amount: 1 } },
      { $dateAdd: { startDate: iso('2021-01-31T12:10:05Z'), unit: 'month', amount: 1 } },
      { $dateAdd: { startDate: iso('2020-10-22'), unit: 'day', amount: 3 } },
    ],
    [iso('2020-02-29T12:10:05Z'), iso('2021-02-28T12:10:05Z'), iso('2020-10-25')],
  ),
  expression(
    'dateDiff',
    '$dateDiff counts boundaries',
    [
      { $dateDiff: { startDate: iso('2021-12-31'), endDate: iso('2022-01-01'), unit: 'year' } },
      { $dateDiff: { startDate: iso('2020-12-31'), endDate: iso('2021-01-05'), unit: 'day' } },
      { $dateDiff: { startDate: iso('2021-02-28'), endDate: iso('2021-03-07'), unit: 'day' } },
    ],
    [Long.fromNumber(1), Long.fromNumber(5), Long.fromNumber(7)],
  ),
  expression(
    'dateTrunc',
    '$dateTrunc',
    [
      { $dateTrunc: { date: iso('2021-05-19T10:11:12Z'), unit: 'month' } },
      { $dateTrunc: { date: iso('2021-05-19T10:11:12Z'), unit: 'week' } },
      { $dateTrunc: { date: iso('2021-05-19T10:11:12Z'), unit: 'week', startOfWeek: 'monday' } },
      { $dateTrunc: { date: iso('2021-05-19T10:11:12Z'), unit: 'hour' } },
    ],
    [iso('2021-05-01'), iso('2021-05-16'), iso('2021-05-17'), iso('2021-05-19T10:00:00Z')],
  ),
];
