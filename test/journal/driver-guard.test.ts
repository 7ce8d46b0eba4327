import { expect } from 'chai';
import { crashText, isWriteToClosed, rejectionText } from '../../src/journal/driver-guard.ts';

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

describe('what is said of a crash', () => {
  it('is the kind of error and where, never the message, which can quote a body', () => {
    let thrown: unknown;
    try {
      JSON.parse('{"email": zqx7canary@mail.example}');
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).to.contain('zqx7');
    const said = crashText(thrown);
    expect(said).to.match(/SyntaxError\n {4}at /);
    expect(said).not.to.contain('zqx7');
    expect(crashText(new Error('zqx7canary\n    at zqx7canary'))).not.to.contain('zqx7');
    expect(crashText('zqx7canary')).not.to.contain('zqx7');
  });

  it('is a code, or the kind and where, of a rejection that nobody waits for', () => {
    expect(rejectionText(Object.assign(new Error('connect zqx7canary'), { code: 'ECONNREFUSED' }))).to.equal(
      'ECONNREFUSED',
    );
    const said = rejectionText(new RangeError('zqx7canary'));
    expect(said).to.contain('RangeError').and.not.contain('zqx7').and.not.contain('ended');
    expect(rejectionText(Object.assign(new Error('x'), { code: 'zqx7 canary' }))).not.to.contain('zqx7');
  });
});
