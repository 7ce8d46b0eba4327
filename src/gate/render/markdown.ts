import type { Condition, Decision } from '../decision.ts';
import { OUTCOMES, plain, shownFigure, shownHolds, summaryOf } from './shown.ts';

const MARKS = { yes: '✅', no: '❌', 'not yet': '⏳' } as const;

/** For a pull request's comment: a table a domain, what is missing below it. */
export function renderMarkdown(decisions: readonly Decision[]): string {
  return decisions.map(domainSection).join('\n\n');
}

function domainSection(decision: Decision): string {
  const rows = decision.conditions.map(row);
  const missing = decision.missing.map((text) => `- ${escaped(text)}`);
  return [
    `### Gate of ${escaped(decision.domain)}: ${OUTCOMES[decision.outcome]}`,
    '',
    escaped(summaryOf(decision)),
    '',
    '| | condition | figure | limit | what |',
    '|---|---|---|---|---|',
    ...rows,
    ...(missing.length > 0 ? ['', 'Missing:', '', ...missing] : []),
    '',
    `<sub>${escaped(decision.at ?? 'no evidence read')} · config ${escaped(decision.configDigest)}</sub>`,
  ].join('\n');
}

function row(condition: Condition): string {
  const holds = shownHolds(condition.holds);
  const cells = [
    `${MARKS[holds]} ${holds}`,
    escaped(condition.name),
    escaped(shownFigure(condition.figure, condition.unit)),
    escaped(shownFigure(condition.limit, condition.unit)),
    escaped(condition.text),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Nothing in it is taken for Markdown, HTML, a mention or a link. */
function escaped(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replace(/(https?):/gi, '$1\u200b:')
    .replace(/www\./gi, 'www\u200b.');
}
