import type { Decision } from '../decision.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderTable } from './table.ts';

export type GateFormat = 'table' | 'json' | 'junit' | 'markdown';

const RENDERERS: Readonly<Record<GateFormat, (decisions: readonly Decision[]) => string>> = {
  table: renderTable,
  json: renderJson,
  junit: renderJunit,
  markdown: renderMarkdown,
};

/** Decisions in one of the formats of `shadowread gate`. */
export function renderDecisions(decisions: readonly Decision[], format: GateFormat): string {
  return RENDERERS[format](decisions);
}
