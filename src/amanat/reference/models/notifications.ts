import { Schema } from 'mongoose';
import { NOTIFICATION_TYPES } from '../../words.ts';

/** Gone at `expiresAt` for every reader; MongoDB's TTL monitor removes the document up to a minute later. */
const Notification = new Schema(
  {
    user: { type: Schema.Types.ObjectId, ref: 'User', required: true },
    type: { type: String, enum: NOTIFICATION_TYPES, required: true },
    title: { type: String, required: true },
    body: String,
    read: { type: Boolean, required: true, default: false },
    readAt: Date,
    /** Schemaless: ObjectIds of what it is about, instants, counts. */
    payload: Schema.Types.Mixed,
    /** Absent: kept for good. */
    expiresAt: { type: Date, expires: 0 },
  },
  { timestamps: true, minimize: false },
);
Notification.index({ user: 1, createdAt: -1, _id: -1 });

export const notificationsSchemas = { Notification };
