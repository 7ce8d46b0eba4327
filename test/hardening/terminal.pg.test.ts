import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { storedFault } from '../../src/base/fault-of.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { openWriter } from '../../src/journal/writer.ts';
import { freshJournal } from '../support/journal-database.ts';
import { runCommand } from '../support/run-command.ts';
import { mismatch, pattern, verdict } from '../support/verdicts.ts';

/** Escape codes, an OSC 8 link, C1 controls, a direction that turns, a line of its own, tag characters. */
const EVIL = 'a\u001b[2J\u001b]8;;https://evil.example\u0007x\u009b31m\u202e\u2066\r\nforged row\u2028\u{e0041}\u007fz';
const DRIVES = /[^\n\P{Cc}]|[\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\u{e0000}-\u{e007f}]/u;

describe('commands that show what strangers sent', () => {
  let environment: Readonly<Record<string, string>>;
  let id: string;
  const fault = storedFault(
    'data_drift',
    { domain: 'payments', collection: EVIL, entity: EVIL, field: EVIL },
    { path: `/${EVIL}`, kind: 'value', rule: EVIL, measure: { of: 'number', delta: EVIL, unit: EVIL } },
    true,
  );

  const shown = async (...argv: string[]): Promise<string> => {
    const { out, err } = await runCommand(argv, environment);
    for (const line of `${out}${err}`.split('\n')) {
      expect(DRIVES.test(line), `${argv.join(' ')}: ${JSON.stringify(line)}`).to.equal(false);
      expect(line, argv.join(' ')).to.not.match(/^\s*forged/);
    }
    expect(err, argv.join(' ')).to.not.contain('SHADOW_INTERNAL');
    return out;
  };

  before(async () => {
    const url = await freshJournal();
    environment = { SHADOWREAD_JOURNAL_URL: url };
    const journal = openJournal({ url, instance: EVIL, limits: { journalBuffer: 100 }, log: () => undefined });
    const side = { type: 'string', length: 3, hash: null, value: EVIL } as const;
    const difference = {
      path: `/${EVIL}`,
      kind: 'value',
      rule: EVIL,
      measure: { of: 'number', delta: EVIL, unit: EVIL },
      primary: side,
      twin: side,
    } as const;
    const entity = { collection: EVIL, mongoId: EVIL, uuid: EVIL, state: 'drift', fields: [difference] } as const;
    journal.record(
      mismatch({
        key: `GET /${EVIL}`,
        differences: [difference],
        patterns: [pattern('fp-evil', difference)],
        fingerprint: 'fp-evil',
        request: { method: 'GET', target: `/${EVIL}` },
        cause: { cause: 'data_drift', entities: [entity], note: EVIL, faults: [fault] },
      }),
    );
    journal.record(verdict({ kind: 'twin_error', reason: 'reset', twin: null, detail: EVIL }));
    expect(await journal.close(120_000)).to.equal(true);
    const writer = openWriter({ url });
    await writer.setStage({
      domain: 'payments',
      stage: 'shadow',
      percent: 100,
      who: EVIL,
      reason: EVIL,
      override: false,
      decision: null,
    });
    await writer.close();
    const [row] = (
      JSON.parse((await runCommand(['mismatches', '--json'], environment)).out) as { mismatches: { id: string }[] }
    ).mismatches;
    id = row?.id ?? '';
  });

  it('show it in one line, escaped, and as the same JSON', async () => {
    expect(await shown('mismatches')).to.contain('\\u001b[2J');
    expect(await shown('mismatch', id)).to.contain('\\u001b[2J');
    for (const argv of [
      ['faults'],
      ['fault', fault.id],
      ['fingerprints'],
      ['report'],
      ['decisions', 'payments'],
      ['gate', 'payments'],
    ])
      await shown(...argv);
    for (const format of ['json', 'junit', 'markdown']) await shown('gate', 'payments', '--format', format);
    for (const argv of [
      ['mismatches'],
      ['mismatch', id],
      ['faults'],
      ['fault', fault.id],
      ['fingerprints'],
      ['report'],
    ])
      expect(JSON.parse(await shown(...argv, '--json')), argv.join(' ')).to.be.an('object');
    const said = JSON.parse(await shown('mismatch', id, '--json')) as { verdict: { request: { target: string } } };
    expect(said.verdict.request.target).to.contain('\u001b[2J');
  });

  it('show it of an admin port that is not ours, in `watch`', async () => {
    const row = {
      domain: EVIL,
      stage: EVIL,
      gate: { outcome: EVIL, reason: EVIL },
      verdicts: { mismatch: 1 },
      compared: 3,
      rate: 0.1,
      bound: 0.2,
      limit: 0.001,
    };
    const server = http.createServer((_request, answer) => answer.end(JSON.stringify({ domains: [row] })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const admin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await shown('watch', '--once', '--admin', admin)).to.contain('\\u001b[2J');
    } finally {
      server.close();
    }
  });
});
