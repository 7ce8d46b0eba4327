import { expect } from 'chai';
import { NO_API } from '../../src/api/load.ts';
import { loadConfig } from '../../src/config.ts';
import { mirrorOptionsOf } from '../../src/service/mirror-options.ts';
import { nicenessOf } from '../../src/service/niceness.ts';
import { createPolicy } from '../../src/service/policy.ts';
import { readSecrets } from '../../src/service/secrets.ts';
import { imageEnvironment } from '../support/image-environment.ts';

const { config } = loadConfig(null, { SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9' });
const { resourceLimits } = mirrorOptionsOf(config, NO_API, readSecrets(config, {}), createPolicy(config, []).current());

describe('options of the mirror', () => {
  it('limit the young generation of a worker beside its heap, as the image does that of every thread', () => {
    expect(resourceLimits).to.include({ maxOldGenerationSizeMb: config.verifier.heapMb });
    // V8 counts two semi-spaces and as much again for large objects.
    const semi = /--max-semi-space-size=(\d+)$/.exec(imageEnvironment().NODE_OPTIONS ?? '')?.[1];
    expect(resourceLimits?.maxYoungGenerationSizeMb).to.equal(3 * Number(semi));
  });

  it('give workers way to forwarding where cores are scarce, and as the config says', () => {
    expect(nicenessOf(config, 1, false)).to.equal(5);
    expect(nicenessOf(config, 2, false)).to.equal(0);
    expect(nicenessOf(config, 8, true)).to.equal(5);
    for (const [cores, isOneOfSeveral] of [
      [1, false],
      [4, true],
    ] as const)
      expect(nicenessOf({ ...config, verifier: { ...config.verifier, niceness: 3 } }, cores, isOneOfSeveral)).to.equal(
        3,
      );
  });
});
