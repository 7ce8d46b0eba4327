import { xmlAttribute, xmlContent } from '../../base/xml.ts';
import type { Condition, Decision } from '../decision.ts';
import { faultsOf, figureText } from './texts.ts';

/**
 * JUnit XML: one suite per domain, one test case per condition. Undecided is `error`, since `skipped` would count as
 * passed.
 */
export function renderJunit(decisions: readonly Decision[]): string {
  const all = decisions.flatMap(({ conditions }) => conditions);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="shadowread gate" ${totals(all)}>`,
    ...decisions.map(suite),
    '</testsuites>',
  ].join('\n');
}

function suite(decision: Decision): string {
  const { domain, conditions, at, epoch, configDigest } = decision;
  const faults = faultsOf(decision);
  const when = at === null ? '' : ` timestamp="${xmlAttribute(at)}"`;
  return [
    `  <testsuite name="${xmlAttribute(domain)}" ${totals(conditions)}${when}>`,
    '    <properties>',
    `      <property name="epoch" value="${xmlAttribute(String(epoch ?? ''))}"/>`,
    `      <property name="configDigest" value="${xmlAttribute(configDigest)}"/>`,
    ...(faults === null ? [] : [`      <property name="openFaults" value="${xmlAttribute(faults)}"/>`]),
    '    </properties>',
    ...conditions.map((condition) => testcase(domain, condition)),
    // Where reports show the output of a suite, whatever its conditions say.
    ...(faults === null ? [] : [`    <system-out>${xmlContent(faults)}</system-out>`]),
    '  </testsuite>',
  ].join('\n');
}

function testcase(domain: string, condition: Condition): string {
  const open = `    <testcase classname="${xmlAttribute(domain)}" name="${xmlAttribute(condition.name)}" time="0"`;
  if (condition.holds === true) return `${open}/>`;
  const element = condition.holds === false ? 'failure' : 'error';
  const figure = figureText(condition.figure, condition.unit);
  const body = [
    condition.text,
    figure === '' ? '' : `figure ${figure}, limit ${figureText(condition.limit, condition.unit)}`,
    `window ${condition.window}`,
    ...condition.missing,
  ]
    .filter((line) => line !== '')
    .map(xmlContent)
    .join('\n');
  return `${open}>\n      <${element} type="${xmlAttribute(condition.name)}" message="${xmlAttribute(condition.text)}">${body}</${element}>\n    </testcase>`;
}

function totals(conditions: readonly Condition[]): string {
  const failures = conditions.filter(({ holds }) => holds === false).length;
  const errors = conditions.filter(({ holds }) => holds === null).length;
  return `tests="${conditions.length}" failures="${failures}" errors="${errors}" skipped="0"`;
}
