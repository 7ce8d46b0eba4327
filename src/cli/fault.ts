/** `shadowread fault`: one fault, since when it is there, and which reads show it. */
import { faultAdvice } from '../base/fault-words.ts';
import { count } from '../base/figure-words.ts';
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import { openReader } from '../journal/reader.ts';
import { tellFault } from '../journal/told.ts';
import { stateOf } from './fault-state.ts';
import { configOf, isJson, journalUrl, type Options } from './options.ts';
import { ago, createOutput, paint } from './output.ts';

/** Exit 0 where it is there, 1 where it is not. */
export async function fault(args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const id = args[0] ?? '';
  const reader = openReader({ url: journalUrl(config) });
  const output = createOutput(isJson(options));
  try {
    const found = await reader.fault(id);
    if (found === null) {
      throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such fault', {
        expected: 'an id of `shadowread faults`, or a beginning of one that no other has',
        actual: id,
        exit: EXIT.no,
      });
    }
    if (output.json) output.document({ ...found, told: await tellFault(found, reader) });
    else for (const line of linesOf(found, await tellFault(found, reader))) output.line(line);
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

function linesOf(found: FaultRow, sentence: string): readonly string[] {
  const { owner, reason, expiresAt, updatedBy, updatedAt } = found;
  return [
    paint('strong', sentence),
    ...[
      `${found.id}, ${found.domain}, ${found.cause}${found.fatal ? ', money or identity' : ''}`,
      `${stateOf(found)}${owner === null ? '' : `, owner ${owner}`}${reason === null ? '' : `: ${reason}`}${expiresAt === null ? '' : `, until ${new Date(expiresAt).toISOString().slice(0, 10)}`}`,
      ...(updatedBy === null || updatedAt === null ? [] : [`changed by ${updatedBy} ${ago(updatedAt)}`]),
      `first seen ${ago(found.firstSeen)}, last ${ago(found.lastSeen)}, on these routes:`,
      ...found.routes.map(({ route, reads }) => `  ${count(reads).padStart(8)}  ${route}`),
      ...(found.state === 'repaired' || found.others ? [] : [`to do: ${faultAdvice(found)}`]),
      ...(found.lastMismatch === null ? [] : [`the latest: shadowread mismatch ${found.lastMismatch}`]),
    ].map(visible),
  ];
}
