import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { POINT_TYPES } from '../words.ts';

export const pointsMappings: readonly ModelMapping[] = [
  {
    model: 'PointTransaction',
    domain: 'points',
    collection: 'pointtransactions',
    table: 'point_transactions',
    identity: 'objectId',
    fields: [
      field('user', 'user_id', { kind: 'ref', collection: 'users' }),
      field('type', 'type', { kind: 'text', words: POINT_TYPES }),
      field('points', 'points', { kind: 'int' }),
      field('reason', 'reason', { kind: 'text' }),
      optional('payment', 'payment_id', { kind: 'ref', collection: 'payments' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
    children: [],
    appendOnly: true,
    expiresAt: null,
  },
  {
    model: 'LevelConfig',
    domain: 'points',
    collection: 'levelconfigs',
    table: 'level_configs',
    identity: 'objectId',
    fields: [
      field('level', 'level', { kind: 'int' }),
      field('name', 'name', { kind: 'text' }),
      field('minPoints', 'min_points', { kind: 'int' }),
      field('multiplier', 'multiplier', { kind: 'double' }),
      field('benefits', 'benefits', { kind: 'textList' }),
      optional('color', 'color', { kind: 'text' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
    children: [],
    appendOnly: false,
    expiresAt: null,
  },
];
