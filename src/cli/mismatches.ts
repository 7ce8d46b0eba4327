/** `shadowread mismatches` and `shadowread mismatch <id>`: what differs, where, why, since when. */
import { faultSentence } from '../base/fault-words.ts';
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import type { MismatchDetail, MismatchRow } from '../journal/read/mismatches.ts';
import { openReader } from '../journal/reader.ts';
import { tellMismatch } from '../journal/told.ts';
import { CAUSES } from '../types.ts';
import { configOf, flagOption, isJson, journalUrl, numberOption, type Options, textOption } from './options.ts';
import { ago, createOutput, millis, type Output, paint, table } from './output.ts';
import { revealMismatch } from './reveal.ts';
import { differenceLines } from './words.ts';

export async function mismatches(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const wanted = textOption(options, 'cause');
  const cause = CAUSES.find((known) => known === wanted);
  if (wanted !== undefined && cause === undefined) {
    throw new ShadowError('SHADOW_USAGE', 'there is no such cause', {
      expected: `one of ${CAUSES.join(', ')}`,
      actual: wanted,
    });
  }
  const reader = openReader({ url: journalUrl(config) });
  const output = createOutput(isJson(options));
  try {
    const [domain, route, fingerprint, before] = ['domain', 'route', 'fingerprint', 'before'].map((name) =>
      textOption(options, name),
    );
    const page = await reader.mismatches({
      ...(domain === undefined ? {} : { domain }),
      ...(route === undefined ? {} : { route }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(before === undefined ? {} : { before }),
      ...(cause === undefined ? {} : { cause }),
      limit: numberOption(options, 'limit') ?? 20,
    });
    if (output.json) output.document({ mismatches: page.rows, next: page.next });
    else if (page.rows.length === 0) output.line('No mismatch that fits.');
    else {
      output.line(table(COLUMNS, page.rows));
      if (page.next !== null) output.note(`older ones: shadowread mismatches --before ${page.next}`);
    }
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

const COLUMNS = [
  { title: 'id', cell: (row: MismatchRow) => row.id },
  { title: 'when', cell: (row: MismatchRow) => ago(row.at) },
  { title: 'request', cell: (row: MismatchRow) => `${row.request.method} ${row.request.target}`.slice(0, 60) },
  {
    title: 'differs at',
    cell: (row: MismatchRow) =>
      `${row.paths[0] ?? ''}${row.differenceCount > 1 ? ` and ${row.differenceCount - 1} more` : ''}`,
  },
  { title: 'cause', cell: (row: MismatchRow) => row.cause },
  { title: 'fingerprint', cell: (row: MismatchRow) => row.fingerprint },
] as const;

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
      show(found, output);
      for (const fault of faults) {
        output.line(`\n${visible(`fault ${fault.id}, ${fault.state}: ${faultSentence(fault)}`)}`);
      }
      if (fingerprint !== null) {
        output.line(
          `\nfingerprint ${fingerprint.fingerprint}: ${fingerprint.state}, ${fingerprint.count} times, first ${ago(fingerprint.firstSeen)}, last ${ago(fingerprint.lastSeen)}`,
        );
      }
    }
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

function show(found: MismatchDetail, output: Output): void {
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
