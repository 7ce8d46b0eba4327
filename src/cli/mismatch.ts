/** `shadowread mismatch`: what differs, where, why, since when. */

import { faultSentence } from '../base/fault-words.ts';
import { counted } from '../base/figure-words.ts';
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import type { MismatchDetail } from '../journal/read/mismatches.ts';
import { openReader } from '../journal/reader.ts';
import { tellMismatch } from '../journal/told.ts';
import { configOf, flagOption, isJson, journalUrl, type Options } from './options.ts';
import { ago, createOutput, millis, type Output, paint } from './output.ts';
import { revealMismatch } from './reveal.ts';
import { differenceLines } from './words.ts';

/** Exit 0 where it is there, 1 where it is not. */
export async function mismatch(args: readonly string[], options: Options): Promise<ExitStatus> {
  const id = args[0] ?? '';
  if (flagOption(options, 'reveal')) return revealMismatch(id, options);
  const { config } = configOf(options);
  const reader = openReader({ url: journalUrl(config) });
  const output = createOutput(isJson(options));
  try {
    const found = await reader.mismatch(id);
    if (found === null) {
      throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such mismatch', {
        expected: 'an id of `shadowread mismatches`, or a beginning of one that no other has',
        actual: id,
        exit: EXIT.no,
      });
    }
    const fingerprint = await reader.fingerprint(found.fingerprint);
    const { sentence, faults } = await tellMismatch(found, reader);
    if (output.json) output.document({ ...found, sentence, faults, fingerprint });
    else {
      output.line(paint('strong', sentence));
      print(found, output);
      for (const fault of faults) {
        output.line(`\n${visible(`fault ${fault.id}, ${fault.state}: ${faultSentence(fault)}`)}`);
      }
      if (fingerprint !== null) {
        output.line(
          `\nfingerprint ${fingerprint.fingerprint}: ${fingerprint.state}, ${counted(fingerprint.count, 'time')}, first ${ago(fingerprint.firstSeen)}, last ${ago(fingerprint.lastSeen)}`,
        );
      }
    }
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

function print(found: MismatchDetail, output: Output): void {
  const { verdict } = found;
  output.line(visible(`${verdict.request.method} ${verdict.request.target}`));
  output.line(
    visible(
      `${new Date(found.at).toISOString()}, ${found.domain}, served by the ${found.served}, ${found.representation} representation, trace ${found.traceId}`,
    ),
  );
  for (const difference of verdict.differences) {
    const [head, primary, twin] = differenceLines(difference);
    output.line(`\n${head}`);
    output.line(`  ${paint('good', primary)}`);
    output.line(`  ${paint('bad', twin)}`);
  }
  if (found.differenceCount > verdict.differences.length)
    output.line(`\n… and at least ${found.differenceCount - verdict.differences.length} more`);
  const note = verdict.cause?.note == null ? '' : ` (${visible(verdict.cause.note)})`;
  output.line(`\ncause: ${verdict.cause?.cause ?? 'not looked for'}${note}`);
  for (const entity of verdict.cause?.entities ?? []) {
    const row = entity.uuid === null ? '' : `, row ${entity.uuid}`;
    output.line(visible(`  ${entity.collection}/${entity.mongoId} ${entity.state}${row}`));
    for (const field of entity.fields)
      output.line(
        differenceLines(field)
          .map((line) => `    ${line}`)
          .join('\n'),
      );
  }
  const sides = [
    verdict.primary === null ? '' : `primary ${millis(verdict.primary.headersMs)}`,
    verdict.twin === null ? '' : `twin ${millis(verdict.twin.headersMs)}`,
  ].filter((side) => side !== '');
  output.line(`timed: ${sides.join(', ')}`);
  for (const [index, recheck] of verdict.rechecks.entries()) {
    output.line(
      `read again ${index + 1}, after ${millis(recheck.afterMs)}: ${recheck.agreed ? 'agreed' : 'still differed'}`,
    );
  }
}
