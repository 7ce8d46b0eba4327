import { expect } from 'chai';
import type { Output } from '../../src/cli/output.ts';
import { printRechecked } from '../../src/cli/repair-report.ts';

describe('what repair says of the reads that showed a fault', () => {
  it('names the reason where none of them could be asked again', () => {
    const lines: string[] = [];
    const output: Output = {
      json: false,
      line: (text) => lines.push(text),
      note: () => undefined,
      progress: () => undefined,
      done: () => undefined,
      document: () => undefined,
    };
    const why = 'the answer depends on who asks';
    printRechecked(
      [
        {
          id: '3f9c01ab77de',
          state: 'repaired',
          asked: [{ route: 'GET /v1/feed', mismatch: 'm1', outcome: 'not_asked', verdict: null, paths: [], why }],
        },
      ],
      output,
    );
    expect(lines).to.deep.equal([
      '1 fault is repaired; none of its reads could be asked again, so that the next ones will say (the answer depends on who asks)',
    ]);
  });
});
