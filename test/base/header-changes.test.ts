import { expect } from 'chai';
import { changedFields, changerOf } from '../../src/base/header-changes.ts';

const client = ['Host', 'api.example', 'Authorization', 'Bearer a', 'X-Old', '1', 'x-old', '2', 'Accept', '*/*'];
const changed = (changes: Parameters<typeof changedFields>[1]): string =>
  changedFields(client, changes, 'side:1').join(' ');

describe('base/header-changes', () => {
  for (const [title, changes, fields] of [
    ['nothing', {}, 'Host api.example Authorization Bearer a X-Old 1 x-old 2 Accept */*'],
    ['Host set', { set: { host: 'b' } }, 'Authorization Bearer a X-Old 1 x-old 2 Accept */* host b'],
    ['Host dropped', { drop: ['HOST'] }, 'Host side:1 Authorization Bearer a X-Old 1 x-old 2 Accept */*'],
    [
      'Host renamed',
      { rename: { Host: 'X-Forwarded-Host' } },
      'Host side:1 X-Forwarded-Host api.example Authorization Bearer a X-Old 1 x-old 2 Accept */*',
    ],
    [
      'renamed in any spelling, in place of what is there',
      { rename: { 'X-OLD': 'authorization' } },
      'Host api.example authorization 1 authorization 2 Accept */*',
    ],
    [
      'set before renamed',
      { set: { Authorization: 'mine' }, rename: { 'x-old': 'Authorization' } },
      'Host api.example Accept */* Authorization mine',
    ],
    ['renamed to what is not sent', { rename: { 'X-None': 'Accept' } }, client.join(' ')],
  ] as const) {
    it(`changes ${title}`, () => expect(changed(changes)).to.equal(fields));
  }

  it('costs nothing where nothing is to be changed', () => {
    expect(changerOf({ set: {}, rename: {}, drop: [] }, 'http://a:1')).to.equal(null);
    expect(changerOf({ drop: ['Host'] }, 'http://a:1')?.(client)).to.include('a:1');
  });
});
