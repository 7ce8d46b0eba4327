import { expect } from 'chai';
import { createGuesses } from '../../src/admin/guesses.ts';

describe('guesses of a token', () => {
  let now = 0;
  const create = () => createGuesses({ atMost: 3, windowMs: 1_000, now: () => now });
  beforeEach(() => {
    now = 0;
  });

  it('make an address wait after so many different ones, until the oldest leaves the window', () => {
    const guesses = create();
    for (const [at, what] of [
      [0, 'a'],
      [400, 'b'],
      [800, 'c'],
    ] as const) {
      now = at;
      expect(guesses.waits('10.0.0.1')).to.equal(0);
      guesses.wrong('10.0.0.1', what);
    }
    expect(guesses.waits('10.0.0.1')).to.equal(1);
    expect(guesses.waits('10.0.0.2')).to.equal(0);
    now = 1_000;
    expect(guesses.waits('10.0.0.1')).to.equal(0);
    // The window slides: one more, and it is full again.
    guesses.wrong('10.0.0.1', 'd');
    expect(guesses.waits('10.0.0.1')).to.equal(1);
  });

  it('count the same wrong token once, so that a page left open with an old token locks nobody out', () => {
    const guesses = create();
    for (let times = 0; times < 100; times += 1) guesses.wrong('10.0.0.1', 'old');
    expect(guesses.waits('10.0.0.1')).to.equal(0);
  });

  it('are of one network: an IPv6 /64, and an IPv4 address however it is written', () => {
    for (const [one, other, same] of [
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff:1:2:3', true],
      ['2001:db8:1:2::1', '2001:0db8:0001:0002::9', true],
      ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
      ['fe80::1%eth0', 'fe80::2%eth0', true],
      ['::1', '::2', true],
      ['::ffff:10.0.0.1', '10.0.0.1', true],
      ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
    ] as const) {
      const guesses = create();
      for (const what of ['a', 'b', 'c']) guesses.wrong(one, what);
      expect(guesses.waits(other) > 0, `${one} and ${other}`).to.equal(same);
    }
  });

  it('forget the oldest address first, so that a scan fills no memory', () => {
    const guesses = create();
    for (const what of ['a', 'b', 'c']) guesses.wrong('10.0.0.1', what);
    for (let host = 0; host < 1_000; host += 1) guesses.wrong(`10.1.${host >> 8}.${host & 255}`, 'x');
    expect(guesses.waits('10.0.0.1')).to.equal(0);
  });
});
