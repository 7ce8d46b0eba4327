import { expect } from 'chai';
import { Tidying } from '../../src/mirror/tidying.ts';

describe('tidying', () => {
  it('goes on while there is something, then stops until it is woken again', async () => {
    let left = 3;
    let looks = 0;
    const stopped = Promise.withResolvers<void>();
    const tidying = new Tidying(() => {
      looks += 1;
      left -= 1;
      if (left <= 0) stopped.resolve();
      return left > 0;
    });
    tidying.wake();
    tidying.wake();
    // Its timer keeps no process alive: the test itself has to.
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const held = setTimeout(() => undefined, 60_000);
    await stopped.promise;
    await pause(150);
    expect(looks).to.equal(3);
    left = 1;
    tidying.wake();
    while (looks < 4) await pause(10);
    clearTimeout(held);
    tidying.stop();
  });
});
