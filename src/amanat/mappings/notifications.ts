import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { NOTIFICATION_TYPES } from '../words.ts';

export const notificationsMappings: readonly ModelMapping[] = [
  {
    model: 'Notification',
    domain: 'notifications',
    collection: 'notifications',
    table: 'notifications',
    identity: 'objectId',
    fields: [
      field('user', 'user_id', { kind: 'ref', collection: 'users' }),
      field('type', 'type', { kind: 'text', words: NOTIFICATION_TYPES }),
      field('title', 'title', { kind: 'text' }),
      optional('body', 'body', { kind: 'text' }),
      field('read', 'read', { kind: 'bool' }),
      optional('readAt', 'read_at', { kind: 'instant' }),
      optional('payload', 'payload', { kind: 'jsonb' }),
      optional('expiresAt', 'expires_at', { kind: 'instant' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
    children: [],
    appendOnly: false,
    expiresAt: 'expiresAt',
  },
];
