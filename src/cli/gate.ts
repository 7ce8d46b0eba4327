/** `shadowread gate`: whether domains may flip. */

import { type ExitStatus, ShadowError } from '../errors.ts';
import { exitOf } from '../gate/exit.ts';
import { type GateFormat, renderDecisions } from '../gate/render/index.ts';
import { waitForGates } from '../gate/wait.ts';
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import { decideOn } from '../service/deciding.ts';
import { apiOrExample } from './api.ts';
import { configOf, flagOption, journalUrl, numberOption, type Options, requireDomain, textOption } from './options.ts';
import { createOutput, millis } from './output.ts';
import { whoActs } from './who.ts';

export async function gate(args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const api = await apiOrExample(loaded);
  const desk = { ...loaded, api };
  const known = api.domains;
  const domains = flagOption(options, 'all') ? known : args;
  if (domains.length === 0) {
    throw new ShadowError('SHADOW_USAGE', 'no domain was given', {
      expected: `one or more of ${known.join(', ')}, or --all`,
      example: 'shadowread gate payments',
    });
  }
  for (const domain of domains) requireDomain(domain, known);
  const url = journalUrl(loaded.config);
  const reader = openReader({ url });
  const writer = openWriter({ url });
  const format = formatOf(options);
  const output = createOutput(format === 'json');
  try {
    const waitMs = numberOption(options, 'wait');
    if (waitMs !== undefined) {
      await waitForGates({
        domains,
        waitMs,
        evaluate: async (domain) => (await decideOn(domain, reader, desk)).decision,
        onProgress: (decisions, leftMs) => {
          const open = decisions.filter(({ outcome }) => outcome === 'undecided');
          output.progress(`${open.length} undecided, ${millis(leftMs)} left; ${open[0]?.missing[0] ?? ''}`);
        },
      });
      output.done();
    }
    const by = { writer, who: whoActs(options) };
    const decided = await Promise.all(domains.map((domain) => decideOn(domain, reader, desk, by)));
    for (const { decision, id } of decided) {
      if (id === null) output.note(`the decision on ${decision.domain} is not kept: the journal cannot be written`);
    }
    const decisions = decided.map(({ decision }) => decision);
    output.line(renderDecisions(decisions, format).trimEnd());
    return exitOf(decisions);
  } finally {
    await Promise.all([reader.close(), writer.close()]);
  }
}

function formatOf(options: Options): GateFormat {
  const format = textOption(options, 'format');
  return format === 'json' || format === 'junit' || format === 'markdown' ? format : 'table';
}
