import { plain } from '../../base/plain-text.ts';
import type { Decision } from '../decision.ts';
import { faultsOf, figureText, holdsText, OUTCOMES, summaryOf } from './texts.ts';

/** For a terminal: readable without colour. */
export function renderTable(decisions: readonly Decision[]): string {
  return decisions.map(domainTable).join('\n\n');
}

function domainTable(decision: Decision): string {
  const rows = decision.conditions.map((condition) => [
    holdsText(condition.holds),
    condition.name,
    figureText(condition.figure, condition.unit),
    figureText(condition.limit, condition.unit),
    plain(condition.text),
  ]);
  const lines = aligned([['holds', 'condition', 'figure', 'limit', 'what'], ...rows]).map((line) => `  ${line}`);
  const faults = faultsOf(decision);
  const missing = decision.missing.map((text) => `  - ${plain(text)}`);
  return [
    `${plain(decision.domain)}: ${OUTCOMES[decision.outcome]} (${summaryOf(decision)})`,
    ...lines,
    ...(faults === null ? [] : [`  ${plain(faults)}`]),
    ...(missing.length > 0 ? ['  missing:', ...missing] : []),
  ].join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
