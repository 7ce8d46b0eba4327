import { expect } from 'chai';
import { connections } from './connections/connections.ts';

describe('fuzz: connections', () => {
  it('a thousand connections of a fixed seed end no process, lose nobody else a byte, and leave nothing behind', async () => {
    const { failures, figures } = await connections.fuzz({
      runs: 1_000,
      seed: 20_261_126,
      over: () => false,
      tell: () => undefined,
    });
    expect(failures).to.deep.equal([]);
    expect(figures['answers to clients that behave']).to.be.greaterThan(30);
    expect(figures['of them compared']).to.be.greaterThan(0);
  });
});
