import { expect } from 'chai';
import { Heartbeat } from '../../src/verifier/heartbeat.ts';

describe("a worker's heartbeat", () => {
  it('is slow while there is nothing to do, and quick again at once', async () => {
    const beats = new Int32Array(1);
    let idle = false;
    const far = 2 ** 30;
    const heartbeat = new Heartbeat({ beats, beatMs: 5, idleBeatMs: far, isIdle: () => idle });
    const until = async (n: number) => {
      while (Atomics.load(beats, 0) < n) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(3);
    idle = true;
    const slowFrom = Atomics.load(beats, 0) + 1;
    await until(slowFrom);
    // Its next beat is twelve days away.
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(Atomics.load(beats, 0)).to.equal(slowFrom);
    heartbeat.quicken();
    await until(slowFrom + 1);
    expect(heartbeat.lateMs).to.be.lessThan(far);
    heartbeat.stop();
  });
});
