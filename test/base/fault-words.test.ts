import { expect } from 'chai';
import { storedFault } from '../../src/base/fault-of.ts';
import { faultSentence } from '../../src/base/fault-words.ts';

describe('the sentence of a fault', () => {
  const place = { domain: 'books', collection: 'books', entity: 'b1', field: 'subtitle' };

  it('says which store has a field that the other one lacks', () => {
    const said = (['missing', 'extra'] as const).map((kind) => {
      const sample = { path: '/subtitle', kind, rule: 'text', measure: { of: 'none' } } as const;
      return faultSentence(storedFault('data_drift', place, sample, false));
    });
    expect(said).to.deep.equal([
      '`subtitle` of books/b1 differs from its document: only the document has it.',
      '`subtitle` of books/b1 differs from its document: only the row has it.',
    ]);
  });
});
