import { markdownText } from '../../base/markdown.ts';
import type { Condition, Decision } from '../decision.ts';
import { faultsOf, figureText, holdsText, OUTCOMES, summaryOf } from './texts.ts';

const MARKS = { yes: '✅', no: '❌', 'not yet': '⏳' } as const;

/** For a comment on a pull request: one table per domain, and below it what is missing. */
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
  const holds = holdsText(condition.holds);
  const cells = [
    `${MARKS[holds]} ${holds}`,
    markdownText(condition.name),
    markdownText(figureText(condition.figure, condition.unit)),
    markdownText(figureText(condition.limit, condition.unit)),
    markdownText(condition.text),
  ];
  return `| ${cells.join(' | ')} |`;
}
