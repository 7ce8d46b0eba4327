import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLog } from '../../src/base/log.ts';
import { markdownText } from '../../src/base/markdown.ts';
import { plain, visible, visibleLines } from '../../src/base/plain-text.ts';
import { xmlAttribute } from '../../src/base/xml.ts';
import { createOutput, paint, table } from '../../src/cli/output.ts';
import { differenceLines } from '../../src/cli/words.ts';
import { runCommand } from '../support/run-command.ts';

/** What drives a terminal, forges a line or hides text; each with a letter on both sides, which must survive. */
const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['a colour', 'a\u001b[31mz'],
  ['clearing the screen', 'a\u001b[2J\u001b[Hz'],
  ['a title', 'a\u001b]0;owned\u0007z'],
  ['a link of OSC 8', 'a\u001b]8;;https://evil.example\u001b\\z'],
  ['CSI of C1', 'a\u009b31mz'],
  ['OSC of C1', 'a\u009d0;owned\u009cz'],
  ['a device control string', 'a\u0090+q\u009cz'],
  ['a carriage return', 'a\rz'],
  ['a backspace', 'a\b\bz'],
  ['a bell', 'a\u0007z'],
  ['NUL', 'a\0z'],
  ['delete', 'a\u007fz'],
  ['an override of direction', 'a\u202ecod.exez'],
  ['an isolate', 'a\u2066b\u2069z'],
  ['a mark of direction', 'a\u200fz'],
  ['a line separator', 'a\u2028z'],
  ['a paragraph separator', 'a\u2029z'],
  ['next line', 'a\u0085z'],
  ['half of a pair', 'a\ud83dz'],
  ['tag characters', 'a\u{e0041}\u{e007f}z'],
];
/** Beside them, in what must be one line. */
const IN_ONE_LINE: typeof HOSTILE = [...HOSTILE, ['a line break', 'a\n2026-11-26T00:00:00.000Z warn forgedz']];

const DRIVES = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\u{e0000}-\u{e007f}]/u;

describe('text of strangers on a terminal and in logs', () => {
  const harmless = (text: string, what: string): void => {
    expect(DRIVES.test(text), `${what}: ${JSON.stringify(text)}`).to.equal(false);
    expect(text, what).to.match(/a.*z/);
  };
  /** What was written to each stream, without the line break that ends it. */
  const written = (work: (output: ReturnType<typeof createOutput>) => void): string => {
    let text = '';
    const stream = {
      write: (chunk: string) => {
        text += chunk;
      },
    };
    const output = createOutput(false, { stdout: stream, stderr: stream });
    work(output);
    expect(text.endsWith('\n')).to.equal(true);
    return text.slice(0, -1);
  };

  it('is one harmless line in the log, with what was in it to be read', () => {
    for (const [what, text] of IN_ONE_LINE) {
      let line = '';
      const log = createLog((chunk) => {
        line += chunk;
      });
      for (const say of [log.info, log.warn, (message: string) => log.often(message, message)]) {
        line = '';
        say(text);
        expect(line.endsWith('\n'), what).to.equal(true);
        harmless(line.slice(0, -1), what);
      }
    }
    expect(visible('a\u001b[31m\u009b\u{e0041}\ud83d\r\n')).to.equal('a\\u001b[31m\\u009b\\udb40\\udc41\\ud83d\\r\\n');
  });

  it('cannot drive the terminal from a line, a note, a progress line, a cell or a painted word', () => {
    for (const [what, text] of HOSTILE) {
      for (const say of ['line', 'note', 'progress'] as const)
        harmless(
          written((output) => output[say](text)),
          what,
        );
    }
    for (const [what, text] of IN_ONE_LINE) {
      harmless(
        written((output) => output.progress(text)),
        what,
      );
      harmless(paint('plain', text), what);
      harmless(paint('bad', text).replace('\u001b[31m', '').replace('\u001b[39m', ''), what);
      const [, row = ''] = table([{ title: 'of a stranger', cell: () => text }], [1]).split('\n');
      harmless(row, what);
    }
  });

  it('is one block of lines for each row where a terminal is too narrow for the table', () => {
    const columns = [
      { title: 'id', cell: (row: string) => row },
      { title: 'what differs', cell: () => 'a\u001b[2Jz' },
      { title: 'owner', cell: () => '' },
    ];
    expect(table(columns, ['1', '2'], 20)).to.equal(
      'id            1\nwhat differs  a\\u001b[2Jz\n\nid            2\nwhat differs  a\\u001b[2Jz',
    );
    expect(table(columns, ['1', '2'], 80).split('\n')).to.have.length(3);
    expect(table(columns, ['1', '2']), 'no terminal').to.equal(table(columns, ['1', '2'], 80));
  });

  it('is progress that is printed once where there is no terminal', () => {
    expect(
      written((output) => {
        output.progress('0 pairs');
        output.progress('0 pairs');
      }),
    ).to.equal('0 pairs');
  });

  it('is progress that is rewritten in place where the terminal can', () => {
    const shown = (terminal: string): string => {
      let said = '';
      const stderr = { isTTY: true, columns: 40, write: (text: string) => (said += text) };
      const output = createOutput(false, { stdout: stderr, stderr }, terminal);
      for (const text of ['1 read', '1 read', '2 reads']) output.progress(text);
      output.done();
      return said;
    };
    expect(shown('xterm')).to.include('\r\u001b[K2 reads');
    expect(shown('dumb')).to.equal('1 read\n');
  });

  it('is the same JSON document, without a character that a terminal obeys', () => {
    for (const [what, text] of IN_ONE_LINE) {
      const document = written((output) => output.document({ [text]: text }));
      expect(DRIVES.test(document), what).to.equal(false);
      expect(JSON.parse(document), what).to.deep.equal({ [text]: text });
    }
  });

  it('is harmless in each line of a difference: path, values, rule', () => {
    const side = (value: string) => ({ type: 'string', length: null, hash: null, value }) as const;
    for (const [what, text] of IN_ONE_LINE)
      for (const line of differenceLines({
        path: `/${text}`,
        kind: 'value',
        rule: text,
        measure: { of: 'none' },
        primary: side(text),
        twin: side(text),
      }))
        harmless(line, what);
  });

  it('is harmless in documents of other tools', () => {
    for (const [what, text] of IN_ONE_LINE)
      for (const write of [plain, markdownText, xmlAttribute]) harmless(write(text), what);
    for (const text of ['a ]]> z', 'a <script> z', 'a "quoted\' & z'])
      expect(xmlAttribute(text)).not.to.match(/[<>"']|&(?!\w+;)/);
    for (const text of ['| a |', '`a`', '<script>', '](https://evil.example)', '@team', '<!-- -->'])
      expect(markdownText(text)).not.to.match(/(?<!\\)[|`\]]|[<>]|@(?!\u200b)|https:/);
  });

  it('keeps line breaks and tabs where text has lines', () => {
    expect(visibleLines('a\n\tb\r\u001b')).to.equal('a\n\tb\\r\\u001b');
    expect(written((output) => output.line('one\n\ttwo – Zürich 💥'))).to.equal('one\n\ttwo – Zürich 💥');
  });

  it('is harmless in the errors of commands: what was typed, and what a config says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-terminal-'));
    try {
      const file = join(folder, 'config.yaml');
      writeFileSync(file, 'primary: { url: "a\\e]8;;https://evil.example\\ez\\u009b31m" }\n"a\\e[2Jz": 1\n');
      for (const argv of [
        ['config', 'check', file],
        ['a\u001b[2J\u009b31mz'],
        ['watch', '--admin', 'a\u001b[2J\u009b31mz'],
        ['mismatches', '--cause', 'a\u001b[2J\u009b31mz'],
      ]) {
        const { out, err, status } = await runCommand(argv);
        expect(status, err).to.be.greaterThan(0);
        expect(err).to.contain('SHADOW_');
        for (const line of `${out}${err}`.split('\n')) expect(DRIVES.test(line), JSON.stringify(line)).to.equal(false);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
