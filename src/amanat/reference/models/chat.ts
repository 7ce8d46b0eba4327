import { Schema } from 'mongoose';
import { CHAT_KINDS } from '../../words.ts';

const Attachment = new Schema(
  {
    name: { type: String, required: true },
    url: { type: String, required: true },
    mime: { type: String, required: true },
    bytes: { type: Number, required: true },
  },
  { _id: false },
);

const Message = new Schema({
  sender: { type: Schema.Types.ObjectId, ref: 'User', required: true },
  text: { type: String, default: '' },
  attachments: [Attachment],
  /** Who has seen it; a set, the sender always in it. */
  readBy: [{ type: Schema.Types.ObjectId, ref: 'User' }],
  createdAt: { type: Date, required: true },
});

/** One document a conversation, messages within it in the order they were posted. */
const Chat = new Schema(
  {
    kind: { type: String, enum: CHAT_KINDS, required: true, default: 'direct' },
    title: String,
    participants: [{ type: Schema.Types.ObjectId, ref: 'User', required: true }],
    /** The object that it is about; it may have been deleted since. */
    request: { type: Schema.Types.ObjectId, ref: 'PurchaseRequest' },
    /** Schemaless: muted until when, the pinned message's ObjectId, theme. */
    settings: Schema.Types.Mixed,
    messages: [Message],
    /** Absent until the first message. */
    lastMessageAt: Date,
  },
  { timestamps: true, minimize: false },
);
Chat.index({ participants: 1, lastMessageAt: -1, _id: -1 });

export const chatSchemas = { Chat };
