import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { CHAT_KINDS } from '../words.ts';

/** The messages go with their chat as one value: a chat and its messages can never be at different revisions. */
export const chatMappings: readonly ModelMapping[] = [
  {
    model: 'Chat',
    domain: 'chat',
    collection: 'chats',
    table: 'chats',
    identity: 'objectId',
    fields: [
      field('kind', 'kind', { kind: 'text', words: CHAT_KINDS }),
      optional('title', 'title', { kind: 'text' }),
      field('participants', 'participant_ids', { kind: 'refSet', collection: 'users' }),
      optional('request', 'request_id', { kind: 'ref', collection: 'purchaserequests' }),
      optional('settings', 'settings', { kind: 'jsonb' }),
      field('messages', 'messages', { kind: 'jsonb' }),
      optional('lastMessageAt', 'last_message_at', { kind: 'instant' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
    children: [],
    appendOnly: false,
    expiresAt: null,
  },
];
