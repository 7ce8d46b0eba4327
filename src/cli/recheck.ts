/** `shadowread recheck <mismatch | fault>`: asks both sides again, from the sealed evidence of the read. */
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import { openBothSides } from '../service/both-sides.ts';
import { createFaultDesk, type RecheckedRead, type SettledFault } from '../service/fault-desk.ts';
import { readSecrets } from '../service/secrets.ts';
import type { Verdict } from '../types.ts';
import { apiOrExample } from './api.ts';
import { configOf, isJson, journalUrl, type Options } from './options.ts';
import { createOutput, type Output, paint } from './output.ts';
import { whoActs } from './who.ts';
import { differenceLines } from './words.ts';

/** Exit 0 where both sides agree now, 1 where they still differ, 2 where it cannot be said. */
export async function recheck(args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const id = args[0] ?? '';
  const url = journalUrl(loaded.config);
  const api = await apiOrExample(loaded);
  const sides = openBothSides(loaded.config, api, readSecrets(loaded.config, process.env));
  const reader = openReader({ url });
  const writer = openWriter({ url });
  const output = createOutput(isJson(options));
  try {
    const found = await reader.mismatch(id);
    if (found === null) {
      const desk = createFaultDesk({ reader, writer, recheck: sides.recheck, who: whoActs(options) });
      return tellFault(await desk.recheck(id), output);
    }
    const sealed = await reader.sealedEvidence(id);
    if (sealed === null) throw nothingKept(id);
    const { evidence: _sealed, ...verdict } = await sides.recheck(sealed.evidence);
    return tellVerdict(verdict, output);
  } finally {
    await Promise.all([sides.close(), reader.close(), writer.close()]);
  }
}

function tellVerdict(verdict: Omit<Verdict, 'evidence'>, output: Output): ExitStatus {
  const agree = verdict.kind === 'match' || verdict.kind === 'settled';
  if (output.json) output.document(verdict);
  else {
    output.line(
      paint(agree ? 'good' : 'bad', `now: ${verdict.kind}${verdict.reason === null ? '' : ` (${verdict.reason})`}`),
    );
    for (const difference of verdict.differences) output.line(differenceLines(difference).join('\n  '));
    if (verdict.cause !== null)
      output.line(
        visible(`cause: ${verdict.cause.cause}${verdict.cause.note === null ? '' : ` (${verdict.cause.note})`}`),
      );
  }
  return agree ? EXIT.yes : verdict.kind === 'mismatch' ? EXIT.no : EXIT.undecided;
}

function tellFault(settled: SettledFault, output: Output): ExitStatus {
  const { id, state, asked: reads } = settled;
  if (output.json) output.document(settled);
  else {
    output.line(paint(state === 'repaired' ? 'good' : 'bad', `${id}: ${state}`));
    for (const line of rechecksSaid(reads)) output.line(line);
  }
  if (reads.some(({ outcome }) => outcome === 'shows')) return EXIT.no;
  return reads.some(({ outcome }) => outcome === 'gone') ? EXIT.yes : EXIT.undecided;
}

/** What each read that was asked again says, a line a read. */
export function rechecksSaid(reads: readonly RecheckedRead[]): readonly string[] {
  if (reads.length === 0) return ['  no read of it was kept that could be asked again'];
  return reads.map((read) => `  ${read.route}: ${saidBy(read)}`);
}

function saidBy({ outcome, paths, why }: RecheckedRead): string {
  switch (outcome) {
    case 'gone':
      return 'no longer shows it';
    case 'shows':
      return `still differs at ${paths.map((path) => path || '(whole body)').join(', ')}`;
    case 'not_asked':
      return `not asked again: ${why}`;
  }
}

const nothingKept = (id: string): ShadowError =>
  new ShadowError('SHADOW_KEY', 'nothing was kept to ask again with', {
    expected: 'a mismatch whose evidence was sealed (evidence.keyFile), within evidence.ttlHours',
    actual: id,
    example: 'SHADOWREAD_EVIDENCE_KEY=$(openssl rand -base64 32), set before the proxy starts',
    exit: EXIT.undecided,
  });
