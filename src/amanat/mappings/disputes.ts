import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { DISPUTE_EVENTS, DISPUTE_REASONS, DISPUTE_STATUSES, EVIDENCE_KINDS } from '../words.ts';

const user = { kind: 'ref', collection: 'users' } as const;

export const disputesMappings: readonly ModelMapping[] = [
  {
    model: 'Dispute',
    domain: 'disputes',
    collection: 'disputes',
    table: 'disputes',
    identity: 'objectId',
    fields: [
      optional('payment', 'payment_id', { kind: 'ref', collection: 'payments' }),
      field('openedBy', 'opened_by_id', user),
      field('respondent', 'respondent_id', user),
      field('status', 'status', { kind: 'text', words: DISPUTE_STATUSES }),
      field('reason', 'reason', { kind: 'text', words: DISPUTE_REASONS }),
      field('description', 'description', { kind: 'text' }),
      field('claimAmount', 'claim_amount', { kind: 'money', currency: 'currency' }),
      field('currency', 'currency', { kind: 'text', shown: true }),
      optional('resolution', 'resolution', { kind: 'jsonb' }),
      optional('resolvedAt', 'resolved_at', { kind: 'instant' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
    children: [
      {
        path: 'evidence',
        table: 'dispute_evidence',
        parentColumn: 'dispute_id',
        positionColumn: 'position',
        collection: 'dispute_evidence',
        fields: [
          field('kind', 'kind', { kind: 'text', words: EVIDENCE_KINDS }),
          field('url', 'url', { kind: 'text' }),
          optional('note', 'note', { kind: 'text' }),
          field('submittedBy', 'submitted_by_id', user),
          field('at', 'at', { kind: 'instant' }),
        ],
      },
      {
        path: 'timeline',
        table: 'dispute_timeline',
        parentColumn: 'dispute_id',
        positionColumn: 'position',
        collection: 'dispute_timeline',
        fields: [
          field('event', 'event', { kind: 'text', words: DISPUTE_EVENTS }),
          optional('by', 'by_id', user),
          optional('note', 'note', { kind: 'text' }),
          field('at', 'at', { kind: 'instant' }),
        ],
      },
    ],
    appendOnly: false,
    expiresAt: null,
  },
];
