/** What the demo says in the end: one screen of text, or one JSON document. */

import { type Gates, passing } from '../amanat/demo/acts.ts';
import type { FoundFault } from '../amanat/demo/outcome.ts';
import type { Story } from '../amanat/demo/story.ts';
import { shortId } from '../base/fault-words.ts';
import { agree, counted } from '../base/figure-words.ts';
import { type Column, paint, type Tone, table } from './output.ts';

/** Gates that the story needs, each passing before the faults and again after the repair. */
const GATES = 3;
/** Columns of the screen. */
const WIDTH = 100;

/** The gates that failed for the faults, of those that passed before. */
const struck = ({ before, broken }: Story): readonly string[] =>
  passing(before).filter((domain) => broken[domain]?.outcome === 'fail');

/** Domains in which something was broken whose gate did not fail for it. */
const unmoved = ({ judged, broken }: Story): readonly string[] => [
  ...new Set(judged.injected.map(({ domain }) => domain).filter((domain) => broken[domain]?.outcome !== 'fail')),
];

/** The gates that passed before and do not pass after the repair. */
const notRecovered = ({ before, repair }: Story): readonly string[] =>
  repair === null ? [] : passing(before).filter((domain) => repair.after[domain]?.outcome !== 'pass');

/** Everything injected was found and nothing else; the gates passed, failed, and pass again; no fault is left. */
export const isGood = (story: Story): boolean => wrongIn(story).length === 0;

/** What did not go as the story tells it, each with its cause as far as it is known. */
function wrongIn(story: Story): readonly string[] {
  const { early, failed, judged, repair } = story;
  const few = struck(story);
  return [
    ...judged.injected
      .filter((fault) => !fault.found)
      .map(({ what, fault }) =>
        fault === null ? `missed: ${what}` : `found, but no fingerprint of its route shows it for certain: ${what}`,
      ),
    ...judged.invented.map(({ id, sentence }) => `found, but not broken on purpose: ${id}: ${sentence}`),
    ...judged.unexpected.map(
      ({ fingerprint, route, paths }) => `unexpected: ${fingerprint} on ${route}: ${paths.join(', ')}`,
    ),
    ...(early === 0
      ? []
      : [`${counted(early, 'fingerprint')} ${agree(early, 'was', 'were')} there before anything was broken`]),
    ...(failed === 0 ? [] : [`${counted(failed, 'request')} got no answer`]),
    ...(few.length >= GATES
      ? []
      : [
          `only ${counted(few.length, 'gate')} passed before the faults and failed with them, not ${GATES}: ${whyNot(story.before)}`,
        ]),
    ...unmoved(story).map((domain) => `the gate of ${domain} did not fail for its fault`),
    ...(repair === null || repair.status === 0
      ? []
      : [`\`shadowread repair --all\` ended with status ${repair.status}`]),
    ...(repair?.open ?? []).map(({ id, state, sentence }) => `still ${state} after the repair: ${id}: ${sentence}`),
    ...notRecovered(story).map(
      (domain) => `${domain} does not pass after the repair: ${repair?.after[domain]?.why ?? ''}`,
    ),
  ];
}

const whyNot = (gates: Gates): string =>
  Object.entries(gates)
    .filter(([, { outcome }]) => outcome !== 'pass')
    .map(([domain, { why }]) => `${domain}: ${why}`)
    .join('; ');

const outcomes = (gates: Gates): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(gates).map(([domain, { outcome }]) => [domain, outcome]));

export function documentOfStory(story: Story, seconds: number): object {
  const { reads, status, judged, before, broken, repair } = story;
  return {
    reads,
    verdicts: status.verdicts,
    injected: judged.injected.map(({ domain, what, found }) => ({ domain, what, found })),
    unexpected: judged.unexpected,
    faults: judged.faults.map(({ id, domain, cause, collection, field, routes }) => ({
      ...{ id, domain, cause, collection, field },
      routes: routes.map(({ route }) => route),
    })),
    // With the faults in Postgres; what cannot be decided does not pass.
    gates: Object.fromEntries(
      Object.entries(broken).map(([domain, { outcome }]) => [domain, outcome === 'pass' ? 'pass' : 'fail']),
    ),
    ...(isGood(story) ? {} : { wrong: wrongIn(story) }),
    gatesBefore: outcomes(before),
    gatesFailed: struck(story),
    ...(repair === null
      ? {}
      : {
          repaired: repair.faults,
          open: repair.open.map(({ id }) => id),
          gatesAfter: outcomes(repair.after),
          epochs: Object.fromEntries(Object.entries(repair.after).map(([domain, { epoch }]) => [domain, epoch])),
        }),
    seconds,
  };
}

/** At most 40 lines of 100 columns where it went well; each thing that did not adds one. */
export function linesOfStory(story: Story, seconds: number): readonly string[] {
  const { reads, judged, repair } = story;
  const good = isGood(story);
  const found = judged.injected.filter((fault) => fault.found).length;
  const over = judged.unexpected.length + judged.invented.length;
  const end =
    repair === null
      ? 'the faults are still there: repair them on the dashboard'
      : `${counted(repair.faults.length, 'fault')} repaired by \`shadowread repair --all\`, ${repair.open.length} left`;
  return [
    '',
    paint(
      'strong',
      `${counted(judged.injected.length, 'row')} broken in Postgres, ${counted(judged.faults.length, 'fault')} found:`,
    ),
    ...judged.injected.flatMap(({ fault }) => (fault === null ? [] : [`${paint('good', '✓')} ${sentenceOf(fault)}`])),
    '',
    table(columnsOf(story), Object.keys(story.before)),
    paint('dim', 'These gates ask for 3 reads a route and a rate under 50 % (config/demo.yaml): the run is short.'),
    ...wrongIn(story).map((what) => paint('bad', `✗ ${what}`)),
    '',
    paint(
      good ? 'good' : 'bad',
      `${good ? '✓' : '✗'} ${found} of ${judged.injected.length} found, ${over} unexpected; ${end}; ${counted(reads, 'read')}, ${seconds} s`,
    ),
  ];
}

/** Cut to the screen: an id in full is for the JSON. */
function sentenceOf({ sentence, entity }: FoundFault): string {
  const said = entity === null ? sentence : sentence.replace(entity, shortId(entity));
  return said.length <= WIDTH - 2 ? said : `${said.slice(0, WIDTH - 3)}…`;
}

const MARKS: Readonly<Record<string, { readonly words: string; readonly tone: Tone }>> = {
  pass: { words: '✓ passes', tone: 'good' },
  fail: { words: '✗ fails', tone: 'bad' },
  undecided: { words: '? undecided', tone: 'warn' },
};

function columnsOf({ before, broken, repair, judged }: Story): readonly Column<string>[] {
  const act = (title: string, gates: Gates): Column<string> => ({
    title,
    cell: (domain) => MARKS[gates[domain]?.outcome ?? '']?.words ?? '–',
    tone: (domain) => MARKS[gates[domain]?.outcome ?? '']?.tone ?? 'plain',
  });
  const faultsOf = (domain: string): number => judged.faults.filter((fault) => fault.domain === domain).length;
  return [
    { title: 'gate of', cell: (domain) => domain },
    act('before', before),
    { title: 'faults', align: 'right', cell: (domain) => (faultsOf(domain) === 0 ? '' : String(faultsOf(domain))) },
    act('with the faults', broken),
    ...(repair === null
      ? []
      : [
          act('after the repair', repair.after),
          {
            title: 'epoch',
            align: 'right' as const,
            cell: (domain: string) => String(repair.after[domain]?.epoch ?? '–'),
          },
        ]),
  ];
}
