/** Routes whose rules leave something free, for counting different answers. */
import { defineApi } from '../../src/api/module.ts';
import { get, type RouteEntry } from '../../src/api/route.ts';
import {
  comparator,
  csv,
  custom,
  ignored,
  nullable,
  number,
  object,
  ordered,
  ratio,
  set,
  text,
} from '../../src/rules/kit.ts';

const fresh = ignored('made anew for each answer');

export const answerRoutes: readonly RouteEntry[] = [
  get('answers', '/one', {
    comparator: comparator(
      'answers.one',
      object({
        name: text(),
        token: fresh,
        share: nullable(ratio()),
        own: custom('same-text', '1', (primary, twin) =>
          primary === twin ? null : { kind: 'value', measure: { of: 'none' } },
        ),
      }),
    ),
  }),
  get('answers', '/set', { comparator: comparator('answers.set', object({ tags: set(text()) })) }),
  get('answers', '/sorted', {
    comparator: comparator('answers.sorted', ordered(object({ id: text(), at: number() }), ['-at'])),
  }),
  get('answers', '/fields', {
    comparator: comparator('answers.fields', text(), {
      headers: { 'x-total': number(), 'x-share': ratio(), vary: fresh },
    }),
  }),
  get('answers', '/table', { comparator: comparator('answers.table', csv({ id: number(), made: fresh })) }),
];

export const api = defineApi({ name: 'answers', routes: answerRoutes });
