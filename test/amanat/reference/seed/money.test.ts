import { expect } from 'chai';
import { amanatMappings } from '../../../../src/amanat/mappings/index.ts';
import { createSeedContext, type SeedDocument, type SeedSize } from '../../../../src/amanat/reference/seed/context.ts';
import { collectionNames, countOf } from '../../../../src/amanat/reference/seed/counts.ts';
import { seedDisputes } from '../../../../src/amanat/reference/seed/disputes.ts';
import { seedLedger } from '../../../../src/amanat/reference/seed/ledger.ts';
import { seedPayments } from '../../../../src/amanat/reference/seed/payments.ts';
import { seedWallet } from '../../../../src/amanat/reference/seed/wallet.ts';
import { convert } from '../../../../src/api/rows/convert.ts';

function seeded(seed: number, rejects = false): SeedDocument[] {
  const context = createSeedContext({ seed, size: 'small', rejects });
  return [...seedPayments(context), ...seedLedger(context), ...seedWallet(context), ...seedDisputes(context)];
}

const reasons = ({ collection, doc }: SeedDocument): string[] => {
  const mapping = amanatMappings.find((one) => one.collection === collection);
  if (mapping === undefined) throw new Error(`no mapping of ${collection}`);
  return convert(mapping, doc, (_, id) => id).rejects.map(({ path, reason }) => `${path}: ${reason}`);
};

describe('seed of payments, ledger, wallet and disputes', () => {
  it('is the same for the same seed and another for another', () => {
    expect(JSON.stringify(seeded(1))).to.equal(JSON.stringify(seeded(1)));
    expect(JSON.stringify(seeded(1))).not.to.equal(JSON.stringify(seeded(2)));
  });

  it('is about 5,000 documents when small and 500,000 when large', () => {
    const total = (size: SeedSize) => collectionNames.reduce((sum, name) => sum + countOf(name, size), 0);
    expect(total('small')).to.be.within(5_000, 5_500);
    expect(total('large')).to.equal(500_000);
  });

  it('has ids in the order of createdAt, each the time of its document, and some instants twice', () => {
    const payments = seeded(1).filter(({ collection }) => collection === 'payments');
    const ids = payments.map(({ doc }) => String(doc._id));
    expect(ids).to.deep.equal([...ids].sort());
    const instants = payments.map(({ doc }) => (doc.createdAt instanceof Date ? doc.createdAt.getTime() : 0));
    expect(instants).to.deep.equal([...instants].sort((a, b) => a - b));
    expect(new Set(instants).size).to.be.lessThan(instants.length);
    expect(ids.map((hex) => Number.parseInt(hex.slice(0, 8), 16))).to.deep.equal(
      instants.map((at) => Math.floor(at / 1000)),
    );
  });

  for (const seed of [1, 2, 3, 42]) {
    it(`of ${seed} fits into Postgres unless rejects are wanted`, () => {
      expect(seeded(seed).flatMap(reasons)).to.deep.equal([]);
      expect(seeded(seed, true).filter((one) => reasons(one).length > 0).length).to.be.at.least(9);
    });
  }
});
