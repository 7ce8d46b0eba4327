import { expect } from 'chai';
import { isWriteToClosed } from '../../src/base/driver-guard.ts';

const thrown = (message: string, stack: string): TypeError => Object.assign(new TypeError(message), { stack });
const MESSAGE = "Cannot read properties of null (reading 'write')";

describe('the guard against the driver', () => {
  it('knows the write to a connection that is gone, and nothing else', () => {
    const inDriver = 'at Immediate.nextWrite (file:///app/node_modules/postgres/src/connection.js:255:22)';
    expect(isWriteToClosed(thrown(MESSAGE, inDriver))).to.equal(true);
    expect(isWriteToClosed(thrown(MESSAGE, 'at Immediate.nextWrite (file:///app/src/proxy/tap.ts:1:1)'))).to.equal(
      false,
    );
    expect(isWriteToClosed(thrown("Cannot read properties of null (reading 'end')", inDriver))).to.equal(false);
    expect(isWriteToClosed(new Error(MESSAGE))).to.equal(false);
  });
});
