import { expect } from 'chai';
import { isCredential } from '../../src/base/caller.ts';
import { type Evidence, keyId, openEvidence, readEnvelope, sealEvidence } from '../../src/verifier/sealed-pair.ts';

const key = Buffer.alloc(32, 1);
const evidence: Evidence = {
  exchangeId: 'a1b2-17',
  route: { key: 'GET /things/:id', method: 'GET', pattern: '/things/:id', domain: 'things' },
  served: 'primary',
  representation: 'twin',
  request: { method: 'GET', target: '/things/1', rawHeaders: ['Accept', 'application/json'], body: null },
  withoutCredentials: true,
  trace: {
    traceId: '0'.repeat(32),
    parentSpanId: null,
    spanId: '1'.repeat(16),
    twinSpanId: '2'.repeat(16),
    sampled: true,
  },
  at: 1_780_000_000_000,
  pairs: [
    {
      primary: {
        status: 200,
        rawHeaders: ['content-type', 'application/json'],
        body: Buffer.from([0, 255, 1, 254]),
        askedAt: 1,
      },
      twin: { status: 404, rawHeaders: [], body: Buffer.from('{"é":1}'), askedAt: 2 },
    },
    {
      primary: { status: 200, rawHeaders: [], body: Buffer.alloc(0), askedAt: 3 },
      twin: { status: 200, rawHeaders: [], body: Buffer.from('x'), askedAt: 4 },
    },
  ],
};

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  }
  return undefined;
};

describe('sealed evidence', () => {
  const sealed = sealEvidence(evidence, key, 2_000);

  it('opens with its key, byte for byte', () => {
    expect(openEvidence(sealed, key, 1_000)).to.deep.equal(evidence);
  });

  it('says in the clear which key, which exchange and until when, and nothing of the answers', () => {
    expect(readEnvelope(sealed)).to.include({ keyId: keyId(key), untilMs: 2_000, exchangeId: 'a1b2-17' });
    expect(Buffer.from(sealed).includes('things')).to.equal(false);
  });

  it('is never the same twice', () => {
    expect(Buffer.from(sealEvidence(evidence, key, 2_000)).equals(Buffer.from(sealed))).to.equal(false);
  });

  it('refuses without a key, with another, past its time, and when a single byte was changed', () => {
    expect(codeOf(() => openEvidence(sealed, null, 1_000))).to.equal('SHADOW_KEY');
    expect(codeOf(() => openEvidence(sealed, Buffer.alloc(32, 2), 1_000))).to.equal('SHADOW_KEY');
    expect(codeOf(() => openEvidence(sealed, key, 2_001))).to.equal('SHADOW_KEY');
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(
        codeOf(() => openEvidence(changed, key, 1_000)),
        `byte ${at}`,
      ).to.equal('SHADOW_KEY');
    }
    expect(codeOf(() => openEvidence(Buffer.from('no'), key, 1_000))).to.equal('SHADOW_KEY');
    expect(codeOf(() => sealEvidence(evidence, Buffer.alloc(16), 2_000))).to.equal('SHADOW_KEY');
  });

  it('knows what a credential is, in any spelling', () => {
    expect(['Authorization', 'COOKIE', 'x-api-key'].every(isCredential)).to.equal(true);
    expect(isCredential('accept')).to.equal(false);
  });
});
