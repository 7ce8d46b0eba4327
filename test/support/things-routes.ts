/** A small route table for tests of mirror and verifier, loaded by the workers by its URL. */

import { defineApi } from '../../src/api/module.ts';
import { get, paging, type RouteEntry } from '../../src/api/route.ts';
import {
  comparator,
  csv,
  custom,
  instant,
  money,
  nullable,
  number,
  object,
  page,
  ref,
  text,
} from '../../src/rules/kit.ts';

const thing = object({
  _id: ref('things'),
  name: text(),
  amount: money('currency'),
  currency: text(),
  at: instant(),
  owner: nullable(ref('users')),
});

export const thingsRoutes: readonly RouteEntry[] = [
  get('things', '/things/:id', { ids: { id: 'things' }, comparator: comparator('things.one', thing) }),
  get('things', '/things', {
    query: paging(['at', 'name'], '-at'),
    comparator: comparator('things.page', page(thing, ['-at'], { sortParam: 'sort' })),
  }),
  get('things', '/things.csv', {
    comparator: comparator('things.csv', csv({ id: ref('things'), count: number() })),
  }),
  get('poison', '/throws', {
    comparator: comparator(
      'poison.throws',
      custom('throws', '1', () => {
        throw new RangeError('the secret value 4711 does not fit');
      }),
    ),
  }),
  get('poison', '/strays', {
    comparator: comparator(
      'poison.strays',
      custom('strays', '1', () => {
        void Promise.reject(new RangeError('the secret value 4711 does not fit'));
        return null;
      }),
    ),
  }),
  get('poison', '/loops', {
    comparator: comparator(
      'poison.loops',
      custom('loops', '1', (primary) => {
        if (primary === 'go on') return null;
        for (;;) if (Math.random() > 1) return null;
      }),
    ),
  }),
  get('poison', '/hoards', {
    comparator: comparator(
      'poison.hoards',
      custom('hoards', '1', () => {
        // Small objects: a loop of built-in calls alone is compiled without a place where V8 could end the thread.
        const hoard: { readonly at: number }[] = [];
        for (;;) hoard.push({ at: hoard.length });
      }),
    ),
  }),
  get('poison', '/exits', {
    comparator: comparator(
      'poison.exits',
      custom('exits', '1', () => process.exit(3)),
    ),
  }),
];

export const api = defineApi({ name: 'things', routes: thingsRoutes });
