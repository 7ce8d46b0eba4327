import { expect } from 'chai';
import { chatMappings } from '../../src/amanat/mappings/chat.ts';
import { disputesMappings } from '../../src/amanat/mappings/disputes.ts';
import type { ModelMapping } from '../../src/api/mapping.ts';
import { compareDocumentToRow, type StoredRow } from '../../src/api/rows/document-row.ts';

const at = new Date('2026-05-28T10:00:00.000Z');
const NO_IDS = { uuidOf: () => 'u', objectIdOf: () => null };

function found(
  mapping: ModelMapping | undefined,
  doc: Record<string, unknown>,
  row: StoredRow,
  children: Record<string, StoredRow[]> = {},
): string[] {
  if (mapping === undefined) throw new Error('no mapping');
  return compareDocumentToRow(mapping, doc, { row, children }, NO_IDS).map(({ path, kind }) => `${path} ${kind}`);
}

describe('a document against its row, in its embedded arrays', () => {
  const message = (n: number) => ({
    _id: String(n).padStart(24, '0'),
    text: `message ${n}`,
    createdAt: at.toISOString(),
  });
  const chat = { kind: 'direct', participants: [], createdAt: at, updatedAt: at };
  const row: StoredRow = { kind: 'direct', participant_ids: [], created_at: at, updated_at: at };

  it('a chat that lost one message has one field missing', () => {
    const messages = Array.from({ length: 40 }, (_, n) => message(n));
    expect(found(chatMappings[0], { ...chat, messages }, { ...row, messages })).to.deep.equal([]);
    for (const lost of [0, 17, 39]) {
      const stored = { ...row, messages: messages.toSpliced(lost, 1) };
      expect(found(chatMappings[0], { ...chat, messages }, stored)).to.deep.equal([`/messages/${lost} missing`]);
    }
  });

  it('a lost, an added and a changed row of a table of their own are told as such', () => {
    const evidence = (n: number) => ({ kind: 'photo', url: `https://x/${n}`, submittedBy: 'a'.repeat(24), at });
    const stored = (n: number): StoredRow => ({
      kind: 'photo',
      url: `https://x/${n}`,
      note: null,
      submitted_by_id: 'u',
      at,
    });
    const dispute = {
      openedBy: 'a'.repeat(24),
      respondent: 'a'.repeat(24),
      status: 'open',
      reason: 'r',
      description: 'd',
      claimAmount: 1,
      currency: 'USD',
      createdAt: at,
      updatedAt: at,
      timeline: [],
    };
    const disputeRow: StoredRow = {
      opened_by_id: 'u',
      respondent_id: 'u',
      status: 'open',
      reason: 'r',
      description: 'd',
      claim_amount: '1',
      currency: 'USD',
      created_at: at,
      updated_at: at,
    };
    const check = (mine: readonly number[], its: readonly StoredRow[]): string[] =>
      found(disputesMappings[0], { ...dispute, evidence: mine.map(evidence) }, disputeRow, {
        dispute_evidence: [...its],
      });
    const four = [1, 2, 3, 4];
    expect(check(four, four.map(stored))).to.deep.equal([]);
    expect(check(four, [2, 3, 4].map(stored))).to.deep.equal(['/evidence/0 missing']);
    expect(check(four, [1, 2, 4].map(stored))).to.deep.equal(['/evidence/2 missing']);
    expect(check([1, 2, 4], four.map(stored))).to.deep.equal(['/evidence/2 extra']);
    expect(check(four, [stored(1), { ...stored(2), note: 'x' }, stored(3), stored(4)])).to.deep.equal([
      '/evidence/1/note extra',
    ]);
    expect(check(four, [{ ...stored(2), note: 'x' }, stored(3), stored(4)])).to.deep.equal([
      '/evidence/0 missing',
      '/evidence/1/note extra',
    ]);
  });
});
