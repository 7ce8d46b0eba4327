/** `shadowread mismatch <id> --reveal --reason "…"`: the sealed answers of one mismatch, side by side, less secrets. */
import type { AnswerNode, OpenedRound } from '../admin/context.ts';
import { visible } from '../base/plain-text.ts';
import type { LoadedConfig } from '../config.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import { openedAnswers } from '../service/answers-shown.ts';
import { readSecrets } from '../service/secrets.ts';
import { apiOrExample } from './api.ts';
import { configOf, isJson, journalUrl, type Options, textOption } from './options.ts';
import { createOutput, type Output, paint } from './output.ts';
import { whoActs } from './who.ts';

/** Lines of one pair; what differs comes first. */
const LINES = 200;
const LONGEST = 200;

/** Exit 0 where it was opened, 1 where there is no such mismatch, 2 where nothing can be opened. */
export async function revealMismatch(given: string, options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const { config } = loaded;
  const reason = textOption(options, 'reason')?.trim() ?? '';
  if (reason.length < 3) {
    throw new ShadowError('SHADOW_USAGE', 'opening sealed answers needs a reason', {
      expected: '--reason with some words, which go into the audit trail',
      actual: reason === '' ? 'none' : reason,
      example: `shadowread mismatch ${given} --reveal --reason "ticket 4711: wrong total"`,
    });
  }
  const secrets = readSecrets(config, process.env);
  if (!config.evidence.reveal || secrets.revealToken === null) {
    throw new ShadowError('SHADOW_ROLE', 'sealed answers are not opened', {
      expected: 'evidence.reveal: true, and the token of admin.revealTokenFile or SHADOWREAD_REVEAL_TOKEN',
      actual: config.evidence.reveal ? 'no reveal token' : 'evidence.reveal: false',
      exit: EXIT.undecided,
    });
  }
  const comparators = await comparatorsOf(loaded);
  const reader = openReader({ url: journalUrl(config) });
  const writer = openWriter({ url: journalUrl(config) });
  try {
    const found = await reader.mismatch(given);
    if (found === null) {
      throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such mismatch', { actual: given, exit: EXIT.no });
    }
    const sealed = await reader.sealedEvidence(found.id);
    if (sealed === null) {
      throw new ShadowError('SHADOW_KEY', 'nothing was kept that could be opened', {
        expected: 'evidence sealed with evidence.keyFile, within evidence.ttlHours',
        actual: 'none for this mismatch',
        exit: EXIT.undecided,
      });
    }
    const rounds = openedAnswers(sealed.evidence, found.verdict, secrets, config.redaction.showPaths, comparators);
    const who = whoActs(options);
    // First the trail, then the values: what cannot be written down is not shown.
    await writer.note({ who, what: 'reveal', subject: `mismatch ${found.id}`, before: null, after: null, reason });
    const output = createOutput(isJson(options));
    if (output.json) output.document({ id: found.id, who, reason, rounds });
    else {
      output.line(`opened for ${visible(who)}: ${visible(reason)}; this is in the audit trail, secrets stay hidden`);
      for (const round of rounds) show(round, output);
    }
    return EXIT.yes;
  } finally {
    await Promise.all([reader.close(), writer.close()]);
  }
}

async function comparatorsOf(loaded: LoadedConfig): Promise<Parameters<typeof openedAnswers>[4]> {
  const { routes } = await apiOrExample(loaded);
  return new Map(routes.map(({ key, comparator }) => [key, comparator]));
}

interface Line {
  readonly path: string;
  readonly differs: boolean;
  readonly primary: string;
  readonly twin: string;
}

function show({ name, primary, twin }: OpenedRound, output: Output): void {
  output.line(`\n${paint('strong', name)}: primary ${primary.status}, twin ${twin.status}`);
  const lines = linesOf('', primary.body, twin.body).toSorted((a, b) => Number(b.differs) - Number(a.differs));
  for (const { path, differs, primary: mine, twin: its } of lines.slice(0, LINES)) {
    if (!differs)
      output.line(`    ${path === '' ? '(whole body)' : path}  ${mine}${its === mine ? '' : `, twin ${its}`}`);
    else output.line(`≠   ${path}\n    ${paint('good', `primary ${mine}`)}\n    ${paint('bad', `twin    ${its}`)}`);
  }
  if (lines.length > LINES) output.line(`    … and ${lines.length - LINES} more that agree`);
}

/** Leaves of both trees by their path; what one side has alone is `absent` in the other. */
function linesOf(path: string, mine: AnswerNode | null, its: AnswerNode | null): Line[] {
  const names = [...new Set([...(mine?.children ?? []), ...(its?.children ?? [])].map(([name]) => name))];
  if (names.length > 0) {
    const child = (of: AnswerNode | null, name: string): AnswerNode | null =>
      of?.children?.find(([one]) => one === name)?.[1] ?? null;
    return names.flatMap((name) => linesOf(`${path}/${visible(name)}`, child(mine, name), child(its, name)));
  }
  const text = (of: AnswerNode | null): string =>
    of === null ? 'absent' : visible(JSON.stringify(of.value ?? null)).slice(0, LONGEST);
  const differs = mine?.differs === true || its?.differs === true || mine === null || its === null;
  return [{ path, differs, primary: text(mine), twin: text(its) }];
}
