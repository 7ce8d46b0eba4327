/** The body of an alert: JSON with `{{names}}` in its texts, filled in as text whatever the facts hold. */

/** The facts that an alert can contain: ids, but no other values of data. */
export interface AlertFacts {
  readonly id: string;
  /** `new` or `returned`. */
  readonly what: string;
  readonly domain: string;
  readonly cause: string;
  /** One sentence: what is wrong, and where. */
  readonly sentence: string;
  /** Collection and document, or the route. */
  readonly where: string;
  readonly routes: string;
  readonly reads: string;
  /** ISO 8601. */
  readonly firstSeen: string;
  /** The fault's page; empty without `admin.publicUrl`. */
  readonly link: string;
}

const NAMES: readonly (keyof AlertFacts)[] = [
  'id',
  'what',
  'domain',
  'cause',
  'sentence',
  'where',
  'routes',
  'reads',
  'firstSeen',
  'link',
];

/** What is sent where the config has no template of its own. */
export const DEFAULT_TEMPLATE =
  '{"fault":"{{id}}","what":"{{what}}","domain":"{{domain}}","cause":"{{cause}}","sentence":"{{sentence}}","routes":"{{routes}}","reads":"{{reads}}","firstSeen":"{{firstSeen}}","link":"{{link}}"}';

const PLACE = /\{\{([^{}]*)\}\}/g;
/** Longer ones are cut: a message, not a report. */
const LONGEST = 1_000;

/** Why a template cannot be used; null where it can. */
export function templateMistake(template: string): string | null {
  const unknown = [...template.matchAll(PLACE)].map(([, name = '']) => name.trim()).find((name) => !isName(name));
  if (unknown !== undefined)
    return `a template with only ${NAMES.map((name) => `{{${name}}}`).join(', ')}; not {{${unknown}}}`;
  try {
    JSON.parse(template.replace(PLACE, 'x'));
    return null;
  } catch {
    return 'a template that is JSON, with its {{names}} inside of texts';
  }
}

/** The body. Facts become part of a JSON text: a quote or a line break in one ends nothing. */
export function fillTemplate(template: string, facts: AlertFacts): string {
  return template.replace(PLACE, (whole, between: string) => {
    const name = between.trim();
    return isName(name) ? JSON.stringify(facts[name].slice(0, LONGEST).toWellFormed()).slice(1, -1) : whole;
  });
}

function isName(name: string): name is keyof AlertFacts {
  return NAMES.some((one) => one === name);
}
