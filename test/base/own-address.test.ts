import { expect } from 'chai';
import { refuseOwnAddress } from '../../src/base/own-address.ts';

describe('an address of our own', () => {
  for (const [host, url, refused] of [
    ['127.0.0.1', 'http://localhost:8080', true],
    ['127.0.0.1', 'http://0.0.0.0:8080', true],
    ['127.0.0.1', 'http://127.0.0.1:8081', false],
    ['localhost', 'http://127.0.0.1:8080/api', true],
    ['0.0.0.0', 'http://127.0.0.1:8080', true],
    ['::', 'http://[::1]:8080', true],
    ['0.0.0.0', 'http://192.0.2.7:8080', false],
    ['0.0.0.0', 'http://no-such-name.invalid:8080', false],
    // Another server of this machine may listen at the same port of another address.
    ['192.0.2.7', 'http://127.0.0.1:8080', false],
    ['192.0.2.7', 'http://192.0.2.7:8080', true],
    ['127.0.0.1', 'http://192.0.2.7:8080', false],
  ] as const) {
    it(`${url} is ${refused ? '' : 'not '}where one listens at ${host}, port 8080`, async () => {
      const said = await refuseOwnAddress('primary', url, { front: 'proxy', host, port: 8080 }).then(
        () => null,
        String,
      );
      expect(said?.includes('the primary is the proxy itself') ?? false).to.equal(refused);
    });
  }
});
