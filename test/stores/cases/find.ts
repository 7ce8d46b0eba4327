import { Decimal128, Int32, Long } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';

/** One question of the manual and its answer. `page` is under https://www.mongodb.com/docs/manual/. */
export interface FindCase {
  readonly page: string;
  readonly name: string;
  readonly documents: readonly Fields[];
  readonly filter: Fields;
  readonly projection?: Fields;
  readonly sort?: Record<string, 1 | -1>;
  /** The ids that are found, or whole documents where the question projects. */
  readonly ids?: readonly unknown[];
  readonly found?: readonly Fields[];
}

const ARRAYS = [
  { _id: 'journal', qty: 25, tags: ['blank', 'red'], dim_cm: [14, 21] },
  { _id: 'notebook', qty: 50, tags: ['red', 'blank'], dim_cm: [14, 21] },
  { _id: 'paper', qty: 100, tags: ['red', 'blank', 'plain'], dim_cm: [14, 21] },
  { _id: 'planner', qty: 75, tags: ['blank', 'red'], dim_cm: [22.85, 30] },
  { _id: 'postcard', qty: 45, tags: ['blue'], dim_cm: [10, 15.25] },
];

const STOCK = [
  {
    _id: 'journal',
    instock: [
      { warehouse: 'A', qty: 5 },
      { warehouse: 'C', qty: 15 },
    ],
  },
  { _id: 'notebook', instock: [{ warehouse: 'C', qty: 5 }] },
  {
    _id: 'paper',
    instock: [
      { warehouse: 'A', qty: 60 },
      { warehouse: 'B', qty: 15 },
    ],
  },
  {
    _id: 'planner',
    instock: [
      { warehouse: 'A', qty: 40 },
      { warehouse: 'B', qty: 5 },
    ],
  },
  {
    _id: 'postcard',
    instock: [
      { warehouse: 'B', qty: 15 },
      { warehouse: 'C', qty: 35 },
    ],
  },
];

const NESTED = [
  { _id: 'journal', qty: 25, size: { h: 14, w: 21, uom: 'cm' }, status: 'A' },
  { _id: 'notebook', qty: 50, size: { h: 8.5, w: 11, uom: 'in' }, status: 'A' },
  { _id: 'paper', qty: 100, size: { h: 8.5, w: 11, uom: 'in' }, status: 'D' },
  { _id: 'planner', qty: 75, size: { h: 22.85, w: 30, uom: 'cm' }, status: 'D' },
  { _id: 'postcard', qty: 45, size: { h: 10, w: 15.25, uom: 'cm' }, status: 'A' },
];

const NULLS = [{ _id: 1, item: null }, { _id: 2 }];

const NUMBERS = [
  { _id: 1, val: Decimal128.fromString('9.99') },
  { _id: 2, val: 9.99 },
  { _id: 3, val: 10 },
  { _id: 4, val: Long.fromNumber(10) },
  { _id: 5, val: Decimal128.fromString('10.0') },
];

const PRODUCTS = [
  { _id: 100, sku: 'abc123', description: 'Single line description.' },
  { _id: 101, sku: 'abc789', description: 'First line\nSecond line' },
  { _id: 102, sku: 'xyz456', description: 'Many spaces before     line' },
  { _id: 103, sku: 'xyz789', description: 'Multiple\nline description' },
  { _id: 104, sku: 'Abc789', description: 'SKU starts with A' },
];

const ADDRESSES = [
  { _id: 1, zipCode: '90698345' },
  { _id: 2, zipCode: 43339374.5 },
  { _id: 3, zipCode: Long.fromNumber(3921412) },
  { _id: 4, zipCode: new Int32(88) },
  { _id: 5, zipCode: ['834847278', '1893289032'] },
];

const STUDENTS = [
  { _id: 1, semester: 1, grades: [70, 87, 90] },
  { _id: 2, semester: 1, grades: [90, 88, 92] },
  { _id: 3, semester: 1, grades: [85, 100, 90] },
  { _id: 4, semester: 2, grades: [79, 85, 80] },
  { _id: 5, semester: 2, grades: [88, 88, 92] },
  { _id: 6, semester: 2, grades: [95, 90, 96] },
];

const SCHOOLS = [
  {
    _id: 1,
    zipcode: '63109',
    students: [
      { name: 'john', school: 102, age: 10 },
      { name: 'jess', school: 102, age: 11 },
      { name: 'jeff', school: 108, age: 15 },
    ],
  },
  {
    _id: 2,
    zipcode: '63110',
    students: [
      { name: 'ajax', school: 100, age: 7 },
      { name: 'achilles', school: 100, age: 8 },
    ],
  },
  {
    _id: 3,
    zipcode: '63109',
    students: [
      { name: 'ajax', school: 100, age: 7 },
      { name: 'achilles', school: 100, age: 8 },
    ],
  },
  {
    _id: 4,
    zipcode: '63109',
    students: [
      { name: 'barney', school: 102, age: 7 },
      { name: 'ruth', school: 102, age: 16 },
    ],
  },
];

const array = 'tutorial/query-arrays/';
const stock = 'tutorial/query-array-of-documents/';
const nested = 'tutorial/query-embedded-documents/';
const regex = 'reference/operator/query/regex/';
const decimal = 'https://www.mongodb.com/docs/mongodb-shell/reference/data-types/#decimal-type';

export const FIND_CASES: readonly FindCase[] = [
  {
    page: array,
    name: 'an array equal to a whole array, in its order',
    documents: ARRAYS,
    filter: { tags: ['red', 'blank'] },
    ids: ['notebook'],
  },
  {
    page: array,
    name: '$all in any order',
    documents: ARRAYS,
    filter: { tags: { $all: ['red', 'blank'] } },
    ids: ['journal', 'notebook', 'paper', 'planner'],
  },
  {
    page: array,
    name: 'an element',
    documents: ARRAYS,
    filter: { tags: 'red' },
    ids: ['journal', 'notebook', 'paper', 'planner'],
  },
  {
    page: array,
    name: 'an element over a bound',
    documents: ARRAYS,
    filter: { dim_cm: { $gt: 25 } },
    ids: ['planner'],
  },
  {
    page: array,
    name: 'two bounds that two elements meet',
    documents: ARRAYS,
    filter: { dim_cm: { $gt: 15, $lt: 20 } },
    ids: ['journal', 'notebook', 'paper', 'postcard'],
  },
  {
    page: array,
    name: '$elemMatch: two bounds that one element meets',
    documents: ARRAYS,
    filter: { dim_cm: { $elemMatch: { $gt: 22, $lt: 30 } } },
    ids: ['planner'],
  },
  {
    page: array,
    name: 'an element by its position',
    documents: ARRAYS,
    filter: { 'dim_cm.1': { $gt: 25 } },
    ids: ['planner'],
  },
  { page: array, name: '$size', documents: ARRAYS, filter: { tags: { $size: 3 } }, ids: ['paper'] },
  {
    page: stock,
    name: 'an element equal to a document, in its field order',
    documents: STOCK,
    filter: { instock: { warehouse: 'A', qty: 5 } },
    ids: ['journal'],
  },
  {
    page: stock,
    name: 'no element with the fields in another order',
    documents: STOCK,
    filter: { instock: { qty: 5, warehouse: 'A' } },
    ids: [],
  },
  {
    page: stock,
    name: 'a field of any element',
    documents: STOCK,
    filter: { 'instock.qty': { $lte: 20 } },
    ids: ['journal', 'notebook', 'paper', 'planner', 'postcard'],
  },
  {
    page: stock,
    name: 'a field of the element at a position',
    documents: STOCK,
    filter: { 'instock.0.qty': { $lte: 20 } },
    ids: ['journal', 'notebook', 'postcard'],
  },
  {
    page: stock,
    name: '$elemMatch on two fields',
    documents: STOCK,
    filter: { instock: { $elemMatch: { qty: 5, warehouse: 'A' } } },
    ids: ['journal'],
  },
  {
    page: stock,
    name: '$elemMatch on a range',
    documents: STOCK,
    filter: { instock: { $elemMatch: { qty: { $gt: 10, $lte: 20 } } } },
    ids: ['journal', 'paper', 'postcard'],
  },
  {
    page: stock,
    name: 'a range that different elements may meet',
    documents: STOCK,
    filter: { 'instock.qty': { $gt: 10, $lte: 20 } },
    ids: ['journal', 'paper', 'planner', 'postcard'],
  },
  {
    page: stock,
    name: 'two fields that different elements may meet',
    documents: STOCK,
    filter: { 'instock.qty': 5, 'instock.warehouse': 'A' },
    ids: ['journal', 'planner'],
  },
  {
    page: nested,
    name: 'a document equal to a whole document',
    documents: NESTED,
    filter: { size: { h: 14, w: 21, uom: 'cm' } },
    ids: ['journal'],
  },
  {
    page: nested,
    name: 'no document with the fields in another order',
    documents: NESTED,
    filter: { size: { w: 21, h: 14, uom: 'cm' } },
    ids: [],
  },
  { page: nested, name: 'a nested field', documents: NESTED, filter: { 'size.uom': 'in' }, ids: ['notebook', 'paper'] },
  {
    page: nested,
    name: 'a nested field under a bound',
    documents: NESTED,
    filter: { 'size.h': { $lt: 15 } },
    ids: ['journal', 'notebook', 'paper', 'postcard'],
  },
  {
    page: nested,
    name: 'both conditions',
    documents: NESTED,
    filter: { 'size.h': { $lt: 15 }, 'size.uom': 'in', status: 'D' },
    ids: ['paper'],
  },
  {
    page: 'tutorial/query-documents/',
    name: '$in',
    documents: NESTED,
    filter: { status: { $in: ['A', 'D'] } },
    ids: ['journal', 'notebook', 'paper', 'planner', 'postcard'],
  },
  {
    page: 'tutorial/query-documents/',
    name: '$or',
    documents: NESTED,
    filter: { $or: [{ status: 'A' }, { qty: { $lt: 30 } }] },
    ids: ['journal', 'notebook', 'postcard'],
  },
  {
    page: 'tutorial/query-documents/',
    name: 'and with $or and a pattern',
    documents: NESTED,
    filter: { status: 'A', $or: [{ qty: { $lt: 30 } }, { _id: /^p/ }] },
    ids: ['journal', 'postcard'],
  },
  {
    page: 'tutorial/query-for-null-fields/',
    name: 'null is null and missing',
    documents: NULLS,
    filter: { item: null },
    ids: [1, 2],
  },
  {
    page: 'tutorial/query-for-null-fields/',
    name: '$type null is only null',
    documents: NULLS,
    filter: { item: { $type: 10 } },
    ids: [1],
  },
  {
    page: 'tutorial/query-for-null-fields/',
    name: '$exists false is only missing',
    documents: NULLS,
    filter: { item: { $exists: false } },
    ids: [2],
  },
  {
    page: 'tutorial/query-for-null-fields/',
    name: '$ne null is neither',
    documents: NULLS,
    filter: { item: { $ne: null } },
    ids: [],
  },
  {
    page: decimal,
    name: 'a double equals no decimal of the same digits',
    documents: NUMBERS,
    filter: { val: 9.99 },
    ids: [2],
  },
  {
    page: decimal,
    name: 'a decimal equals no double of the same digits',
    documents: NUMBERS,
    filter: { val: Decimal128.fromString('9.99') },
    ids: [1],
  },
  {
    page: decimal,
    name: 'an integer equals its kin of every type',
    documents: NUMBERS,
    filter: { val: 10 },
    ids: [3, 4, 5],
  },
  {
    page: decimal,
    name: 'a decimal integer equals its kin of every type',
    documents: NUMBERS,
    filter: { val: Decimal128.fromString('10') },
    ids: [3, 4, 5],
  },
  {
    page: regex,
    name: 'a pattern at the end',
    documents: PRODUCTS,
    filter: { sku: { $regex: /789$/ } },
    ids: [101, 103, 104],
  },
  {
    page: regex,
    name: 'a pattern that ignores case',
    documents: PRODUCTS,
    filter: { sku: { $regex: /^ABC/i } },
    ids: [100, 101, 104],
  },
  {
    page: regex,
    name: 'a pattern over lines',
    documents: PRODUCTS,
    filter: { description: { $regex: /^S/, $options: 'm' } },
    ids: [100, 101, 104],
  },
  {
    page: regex,
    name: 'a pattern without the lines option',
    documents: PRODUCTS,
    filter: { description: { $regex: /S/ } },
    ids: [100, 101, 104],
  },
  {
    page: regex,
    name: 'a dot that matches newlines',
    documents: PRODUCTS,
    filter: { description: { $regex: 'm.*line', $options: 'si' } },
    ids: [102, 103],
  },
  {
    page: regex,
    name: 'a pattern in $in',
    documents: PRODUCTS,
    filter: { sku: { $in: [/^xyz/, 'abc123'] } },
    ids: [100, 102, 103],
  },
  {
    page: 'reference/operator/query/mod/',
    name: '$mod',
    documents: [
      { _id: 1, qty: 0 },
      { _id: 2, qty: 5 },
      { _id: 3, qty: 12 },
    ],
    filter: { qty: { $mod: [4, 0] } },
    ids: [1, 3],
  },
  {
    page: 'reference/operator/query/elemMatch/',
    name: '$elemMatch over values',
    documents: [
      { _id: 1, results: [82, 85, 88] },
      { _id: 2, results: [75, 88, 89] },
    ],
    filter: { results: { $elemMatch: { $gte: 80, $lt: 85 } } },
    ids: [1],
  },
  {
    page: 'reference/operator/query/type/',
    name: '$type string, in an array too',
    documents: ADDRESSES,
    filter: { zipCode: { $type: 'string' } },
    ids: [1, 5],
  },
  {
    page: 'reference/operator/query/type/',
    name: '$type number',
    documents: ADDRESSES,
    filter: { zipCode: { $type: 'number' } },
    ids: [2, 3, 4],
  },
  {
    page: 'reference/operator/query/type/',
    name: '$type int',
    documents: ADDRESSES,
    filter: { zipCode: { $type: 'int' } },
    ids: [4],
  },
  {
    page: 'reference/operator/query/type/',
    name: '$type of a list',
    documents: ADDRESSES,
    filter: { zipCode: { $type: ['double', 'long'] } },
    ids: [2, 3],
  },
  {
    page: 'reference/operator/query/not/',
    name: '$not finds what is missing too',
    documents: [{ _id: 1, price: 1 }, { _id: 2, price: 2.5 }, { _id: 3 }],
    filter: { price: { $not: { $gt: 1.99 } } },
    ids: [1, 3],
  },
  {
    page: 'reference/operator/query/nor/',
    name: '$nor',
    documents: [{ _id: 1, price: 1.99, sale: true }, { _id: 2, price: 3, sale: false }, { _id: 3 }],
    filter: { $nor: [{ price: 1.99 }, { sale: true }] },
    ids: [2, 3],
  },
  {
    page: 'reference/operator/query/nin/',
    name: '$nin finds what is missing too',
    documents: [{ _id: 1, qty: 5 }, { _id: 2, qty: 20 }, { _id: 3 }],
    filter: { qty: { $nin: [5, 15] } },
    ids: [2, 3],
  },
  {
    page: 'reference/operator/query/expr/',
    name: '$expr compares two fields',
    documents: [
      { _id: 1, category: 'food', budget: 400, spent: 450 },
      { _id: 2, category: 'drinks', budget: 100, spent: 150 },
      { _id: 3, category: 'clothes', budget: 100, spent: 50 },
      { _id: 4, category: 'misc', budget: 500, spent: 300 },
      { _id: 5, category: 'travel', budget: 200, spent: 650 },
    ],
    filter: { $expr: { $gt: ['$spent', '$budget'] } },
    ids: [1, 2, 5],
  },
  {
    page: 'reference/operator/projection/positional/',
    name: 'the first element that matched',
    documents: STUDENTS,
    filter: { semester: 1, grades: { $gte: 85 } },
    projection: { 'grades.$': 1 },
    found: [
      { _id: 1, grades: [87] },
      { _id: 2, grades: [90] },
      { _id: 3, grades: [85] },
    ],
  },
  {
    page: 'reference/operator/projection/elemMatch/',
    name: '$elemMatch in a projection',
    documents: SCHOOLS,
    filter: { zipcode: '63109' },
    projection: { students: { $elemMatch: { school: 102 } } },
    found: [
      { _id: 1, students: [{ name: 'john', school: 102, age: 10 }] },
      { _id: 3 },
      { _id: 4, students: [{ name: 'barney', school: 102, age: 7 }] },
    ],
  },
  {
    page: 'reference/operator/projection/elemMatch/',
    name: '$elemMatch on two fields in a projection',
    documents: SCHOOLS,
    filter: { zipcode: '63109' },
    projection: { students: { $elemMatch: { school: 102, age: { $gt: 10 } } } },
    found: [
      { _id: 1, students: [{ name: 'jess', school: 102, age: 11 }] },
      { _id: 3 },
      { _id: 4, students: [{ name: 'ruth', school: 102, age: 16 }] },
    ],
  },
  {
    page: 'reference/operator/projection/slice/',
    name: '$slice keeps all other fields',
    documents: [{ _id: 1, title: 'Bagels', comments: ['a', 'b', 'c', 'd'] }],
    filter: {},
    projection: { comments: { $slice: 3 } },
    found: [{ _id: 1, title: 'Bagels', comments: ['a', 'b', 'c'] }],
  },
  {
    page: 'reference/operator/projection/slice/',
    name: '$slice from the end',
    documents: [{ _id: 1, comments: ['a', 'b', 'c', 'd'] }],
    filter: {},
    projection: { comments: { $slice: -3 } },
    found: [{ _id: 1, comments: ['b', 'c', 'd'] }],
  },
  {
    page: 'reference/operator/projection/slice/',
    name: '$slice with skip',
    documents: [{ _id: 1, comments: ['a', 'b', 'c', 'd'] }],
    filter: {},
    projection: { comments: { $slice: [1, 2] } },
    found: [{ _id: 1, comments: ['b', 'c'] }],
  },
  {
    page: 'tutorial/project-fields-from-query-results/',
    name: 'fields chosen, nested too',
    documents: NESTED.slice(0, 1),
    filter: {},
    projection: { status: 1, 'size.uom': 1 },
    found: [{ _id: 'journal', status: 'A', size: { uom: 'cm' } }],
  },
  {
    page: 'tutorial/project-fields-from-query-results/',
    name: 'fields left out, nested too',
    documents: NESTED.slice(0, 1),
    filter: {},
    projection: { qty: 0, 'size.uom': 0 },
    found: [{ _id: 'journal', size: { h: 14, w: 21 }, status: 'A' }],
  },
  {
    page: 'tutorial/project-fields-from-query-results/',
    name: 'fields of each element of an array',
    documents: STOCK.slice(0, 1),
    filter: {},
    projection: { _id: 0, 'instock.qty': 1 },
    found: [{ instock: [{ qty: 5 }, { qty: 15 }] }],
  },
  {
    page: 'reference/bson-type-comparison-order/',
    name: 'missing and null before all, then by type',
    documents: [
      { _id: 1, a: 'x' },
      { _id: 2 },
      { _id: 3, a: 5 },
      { _id: 4, a: new Date(0) },
      { _id: 5, a: { b: 1 } },
      { _id: 6, a: true },
    ],
    filter: {},
    sort: { a: 1 },
    ids: [2, 3, 1, 5, 6, 4],
  },
  {
    page: 'reference/bson-type-comparison-order/',
    name: 'an array by its smallest element ascending',
    documents: [
      { _id: 1, a: [5, 1] },
      { _id: 2, a: 3 },
      { _id: 3, a: [] },
      { _id: 4, a: null },
    ],
    filter: {},
    sort: { a: 1 },
    ids: [3, 4, 1, 2],
  },
  {
    page: 'reference/bson-type-comparison-order/',
    name: 'an array by its largest element descending',
    documents: [
      { _id: 1, a: [5, 1] },
      { _id: 2, a: 3 },
      { _id: 3, a: [] },
      { _id: 4, a: null },
    ],
    filter: {},
    sort: { a: -1 },
    ids: [1, 2, 4, 3],
  },
];
