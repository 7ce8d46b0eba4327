import type { Condition, Decision } from '../decision.ts';
import { plain, shownFigure } from './shown.ts';

/** JUnit XML: a suite a domain, a test case a condition. Undecided is `error`, since `skipped` would count as passed. */
export function renderJunit(decisions: readonly Decision[]): string {
  const all = decisions.flatMap(({ conditions }) => conditions);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="shadowread gate" ${totals(all)}>`,
    ...decisions.map(suite),
    '</testsuites>',
  ].join('\n');
}

function suite({ domain, conditions, at, epoch, configDigest }: Decision): string {
  const when = at === null ? '' : ` timestamp="${attribute(at)}"`;
  return [
    `  <testsuite name="${attribute(domain)}" ${totals(conditions)}${when}>`,
    '    <properties>',
    `      <property name="epoch" value="${attribute(String(epoch ?? ''))}"/>`,
    `      <property name="configDigest" value="${attribute(configDigest)}"/>`,
    '    </properties>',
    ...conditions.map((condition) => testcase(domain, condition)),
    '  </testsuite>',
  ].join('\n');
}

function testcase(domain: string, condition: Condition): string {
  const open = `    <testcase classname="${attribute(domain)}" name="${attribute(condition.name)}" time="0"`;
  if (condition.holds === true) return `${open}/>`;
  const element = condition.holds === false ? 'failure' : 'error';
  const figure = shownFigure(condition.figure, condition.unit);
  const body = [
    condition.text,
    figure === '' ? '' : `figure ${figure}, limit ${shownFigure(condition.limit, condition.unit)}`,
    `window ${condition.window}`,
    ...condition.missing,
  ]
    .filter((line) => line !== '')
    .map(content)
    .join('\n');
  return `${open}>\n      <${element} type="${attribute(condition.name)}" message="${attribute(condition.text)}">${body}</${element}>\n    </testcase>`;
}

function totals(conditions: readonly Condition[]): string {
  const failures = conditions.filter(({ holds }) => holds === false).length;
  const errors = conditions.filter(({ holds }) => holds === null).length;
  return `tests="${conditions.length}" failures="${failures}" errors="${errors}" skipped="0"`;
}

function content(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\ufffe\uffff]/g, ' ');
}

function attribute(text: string): string {
  return content(text).replaceAll('"', '&quot;').replaceAll("'", '&apos;');
}
