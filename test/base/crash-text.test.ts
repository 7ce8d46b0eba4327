import { expect } from 'chai';
import { crashText, faultText } from '../../src/base/crash-text.ts';

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
    expect(faultText(Object.assign(new Error('connect zqx7canary'), { code: 'ECONNREFUSED' })))
      .to.match(/^ECONNREFUSED \(Error\)\n {4}at /)
      .and.not.contain('zqx7');
    const said = faultText(new RangeError('zqx7canary'));
    expect(said)
      .to.match(/^RangeError\n {4}at /)
      .and.not.contain('zqx7');
    expect(faultText(Object.assign(new Error('x'), { code: 'zqx7 canary' }))).not.to.contain('zqx7');
  });
});
