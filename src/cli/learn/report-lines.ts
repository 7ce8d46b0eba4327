/** What learning came to, in lines for people: what stays strict and why, and what is missing. */
import { agree, count, counted } from '../../base/figure-words.ts';
import type { Draft } from '../../traffic/learn/draft.ts';
import { SECOND_PARTNER } from '../../traffic/learn/drafting.ts';
import type { Kept } from '../../traffic/learn/yaml-continue.ts';
import type { BothSidesCounts } from './both-sides.ts';

const MOST = 40;
const MOVING = '; the primary differs from itself: `{ ignored: "…" }` is yours to write';

export function draftLines(draft: Draft, kept: readonly Kept[], counts: BothSidesCounts): readonly string[] {
  const { pairs, routes, spaces } = draft;
  const lines = [
    `${counted(pairs, 'pair')}, ${counted(routes.length, 'route')}, ${counted(spaces.length, 'kind')} of ids`,
  ];
  for (const [why, n] of Object.entries(counts.failed)) lines.push(`${counted(n, 'read')} without an answer: ${why}`);
  if (counts.dropped > 0)
    lines.push(
      `${counted(counts.dropped, 'read')} dropped: ${agree(counts.dropped, 'it', 'they')} came faster than both sides answer`,
    );
  if (counts.noReads > 0)
    lines.push(
      `${counted(counts.noReads, 'request')} ${agree(counts.noReads, 'was', 'were')} not asked: a write such as a GraphQL mutation, or not certain to be a read`,
    );
  if (draft.errorsOnly.length > 0)
    lines.push(
      `answered nothing but errors, so that their rules say nothing: ${draft.errorsOnly.slice(0, MOST).join(', ')}; for a recorded file --header adds credentials or a Host`,
    );
  if (draft.thin.length > 0) lines.push(`too few pairs to say much: ${draft.thin.join(', ')}`);
  const strict = draft.unexplained.filter(({ tooFew }) => tooFew === null);
  const few = draft.unexplained.filter(({ tooFew }) => tooFew !== null);
  if (strict.length > 0) lines.push('', 'no rule holds for these; they are compared strictly:');
  for (const { route, path, type, differs, pairs, forms, noise } of strict.slice(0, MOST)) {
    const moving = noise ? MOVING : '';
    lines.push(
      `  ${route}  ${path}: ${type}, differs in ${count(differs)} of ${count(pairs)}: ${forms.join(', ')}${moving}`,
    );
  }
  if (strict.length > MOST) lines.push(`  and ${strict.length - MOST} more; --json lists all`);
  if (strict.some(({ forms }) => forms.some((form) => form.startsWith(SECOND_PARTNER)))) {
    lines.push(
      '  where each Host is a tenant with ids of its own: learn from one (--host), and write `per: host` beside `by: consistent`',
    );
  }
  if (few.length > 0) lines.push('', 'seen too seldom for a rule; compared strictly:');
  for (const { route, path, tooFew, pairs, noise } of few.slice(0, MOST)) {
    lines.push(`  ${route}  ${path}: ${tooFew ?? ''} in ${counted(pairs, 'pair')}${noise ? MOVING : ''}`);
  }
  if (few.length > MOST) lines.push(`  and ${few.length - MOST} more; --json lists all`);
  if (kept.length > 0) lines.push('', 'you wrote something else, which stays:');
  for (const { route, path, yours, learned } of kept.slice(0, MOST)) {
    lines.push(`  ${route}  ${path}: ${yours}; seen: ${learned}`);
  }
  return lines;
}
