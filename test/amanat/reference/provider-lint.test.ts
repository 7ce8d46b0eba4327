import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { clausesWithoutProvider } from '../../support/provider-lint.ts';

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url));

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') || name.endsWith('.sql'))
    .map((name) => join(SRC, name));
}

/** On 2026-05-28 a clean-up of payments without a provider destroyed the records of a cart with several sellers. */
describe('no query over payments deletes or updates many without a provider', () => {
  it('none in src', () => {
    const found = sources().flatMap((file) =>
      clausesWithoutProvider(readFileSync(file, 'utf8')).map((clause) => `${file.slice(SRC.length)}: ${clause}`),
    );
    expect(found).to.deep.equal([]);
  });

  for (const [why, code] of [
    ['deleteMany of a model', `await Payment.deleteMany({ status: 'failed' })`],
    ['deleteMany of everything', `context.models.Payment.deleteMany()`],
    ['updateMany with only a status', `Payment.updateMany({ status: 'pending' }, { $set: { status: 'cancelled' } })`],
    ['a provider that is only set', `Payment.updateMany({ status: 'x' }, { $set: { provider: 'stripe' } })`],
    ['the collection by name', `db.collection('payments').deleteMany({ cartId })`],
    ['the collection in double quotes', `db.collection("payments")\n  .updateMany({}, update)`],
    ['a filter out of a variable', `Payment.deleteMany(filter)`],
    ['a bulk write', `Payment.bulkWrite([{ deleteMany: { filter: { status: 'failed' } } }])`],
    ['SQL delete', 'await sql`delete from payments where status = $1`'],
    ['SQL delete of all', 'sql`DELETE FROM payments`'],
    ['SQL update', `update payments set status = 'failed' where created_at < now()`],
    ['SQL with a provider that is only set', `update "payments" set provider = 'x' where status = 'y'`],
    ['SQL truncate', 'sql`truncate payments`'],
  ] as const) {
    it(`refuses ${why}`, () => {
      expect(clausesWithoutProvider(code)).to.have.lengthOf(1);
    });
  }

  for (const [why, code] of [
    ['deleteMany with a provider', `Payment.deleteMany({ provider: 'stripe', status: 'failed' })`],
    ['a shorthand provider', `Payment.updateMany({ status, provider }, update)`],
    ['one document', `Payment.findOneAndUpdate({ _id: id }, update)`],
    ['another model', `PaymentQuote.deleteMany({}); Dispute.updateMany({}, update)`],
    ['another table', 'sql`delete from payment_quotes where payment_id = $1`'],
    ['SQL with a provider', 'sql`delete from payments where provider = $2 and status = $1`'],
    ['a read', `Payment.find({ status: 'failed' })`],
    ['a comment', `// Payment.deleteMany({}) is what happened`],
  ] as const) {
    it(`lets ${why} pass`, () => {
      expect(clausesWithoutProvider(code)).to.deep.equal([]);
    });
  }
});
