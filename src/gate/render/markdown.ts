import { markdownText } from '../../base/markdown.ts';
import type { Condition, Decision } from '../decision.ts';
import { faultsOf, OUTCOMES, shownFigure, shownHolds, summaryOf } from './shown.ts';

const MARKS = { yes: '✅', no: '❌', 'not yet': '⏳' } as const;

/** For a pull request's comment: a table a domain, what is missing below it. */
export function renderMarkdown(decisions: readonly Decision[]): string {
  return decisions.map(domainSection).join('\n\n');
}

function domainSection(decision: Decision): string {
  const rows = decision.conditions.map(row);
  const faults = faultsOf(decision);
  const missing = decision.missing.map((text) => `- ${markdownText(text)}`);
  return [
    `### Gate of ${markdownText(decision.domain)}: ${OUTCOMES[decision.outcome]}`,
    '',
    markdownText(summaryOf(decision)),
    '',
    '| | condition | figure | limit | what |',
    '|---|---|---|---|---|',
    ...rows,
    ...(faults === null ? [] : ['', markdownText(faults)]),
    ...(missing.length > 0 ? ['', 'Missing:', '', ...missing] : []),
    '',
    `<sub>${markdownText(decision.at ?? 'no evidence read')} · config ${markdownText(decision.configDigest)}</sub>`,
  ].join('\n');
}

function row(condition: Condition): string {
  const holds = shownHolds(condition.holds);
  const cells = [
    `${MARKS[holds]} ${holds}`,
    markdownText(condition.name),
    markdownText(shownFigure(condition.figure, condition.unit)),
    markdownText(shownFigure(condition.limit, condition.unit)),
    markdownText(condition.text),
  ];
  return `| ${cells.join(' | ')} |`;
}
