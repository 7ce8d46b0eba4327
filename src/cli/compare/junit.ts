/** A comparison as JUnit XML: a suite a domain, a test case a route. What is undecided is an `error`, since `skipped` would count as passed. */

import { agree, count, counted } from '../../base/figure-words.ts';
import { xmlAttribute, xmlContent } from '../../base/xml.ts';
import type { Report } from '../../traffic/report.ts';
import type { RouteSummary, WrongSummary } from '../../traffic/summary.ts';
import { causesWords, errorsOnly, errorsOnlySaid, failureWords, placeOf, placeWords } from './words.ts';

interface Case {
  readonly name: string;
  readonly element: 'failure' | 'error' | null;
  readonly message: string;
  readonly lines: readonly string[];
}

export function comparisonJunit(report: Report): string {
  const domains = [...new Set(report.routes.map(({ domain }) => domain))].sort();
  const suites = [
    ...domains.map((domain) => ({
      name: domain,
      cases: report.routes.filter((route) => route.domain === domain).map((route) => routeCase(route, report)),
    })),
    { name: 'comparison', cases: [wholeCase(report)] },
  ];
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="shadowread compare" ${totals(all)}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${xmlAttribute(name)}" ${totals(cases)}>`,
      ...cases.map((one) => caseXml(name, one)),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ].join('\n');
}

function routeCase(route: RouteSummary, report: Report): Case {
  const wrong = report.wrong.filter((one) => one.route === route.route);
  const failures = report.failures.filter((one) => one.route === route.route).map(failureWords);
  const mismatches = route.verdicts.mismatch ?? 0;
  if (mismatches > 0) {
    const message = `${count(mismatches)} of ${counted(route.compared, 'read')} ${agree(mismatches, 'differs', 'differ')}`;
    return { name: route.route, element: 'failure', message, lines: [...wrong.flatMap(wrongLines), ...failures] };
  }
  if (errorsOnly(route))
    return { name: route.route, element: 'error', message: errorsOnlySaid(route), lines: failures };
  if (route.compared > 0) return { name: route.route, element: null, message: '', lines: [] };
  return { name: route.route, element: 'error', message: 'nothing compared', lines: failures };
}

function wholeCase({ outcome, why, compared }: Report): Case {
  const element = { match: null, mismatch: 'failure', undecided: 'error' } as const;
  const message = why.length === 0 ? `${compared} compared` : why.join('; ');
  return { name: 'all reads match', element: element[outcome], message, lines: why };
}

function wrongLines(wrong: WrongSummary): string[] {
  const { method, target } = wrong.example;
  return [
    `${counted(wrong.n, 'time')}${wrong.fatal ? ', money or identity' : ''}, ${causesWords(wrong)}, for example ${placeOf(wrong.example)} ${method} ${target}`,
    `  ${placeWords(wrong)}`,
  ];
}

function caseXml(suite: string, { name, element, message, lines }: Case): string {
  const open = `    <testcase classname="${xmlAttribute(suite)}" name="${xmlAttribute(name)}" time="0"`;
  if (element === null) return `${open}/>`;
  const body = lines.map(xmlContent).join('\n');
  return `${open}>\n      <${element} type="${element}" message="${xmlAttribute(message)}">${body}</${element}>\n    </testcase>`;
}

function totals(cases: readonly Case[]): string {
  const of = (element: Case['element']): number => cases.filter((one) => one.element === element).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="0"`;
}
