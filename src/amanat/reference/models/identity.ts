import { Schema } from 'mongoose';
import { PLATFORMS, USER_ROLES, USER_STATUSES, VERIFICATION_PURPOSES } from '../../words.ts';

/** `role` is what access is decided by; `roles` is the set of all that a user may act as and always holds `role`. */
const User = new Schema(
  {
    email: { type: String, required: true, unique: true },
    emailVerified: { type: Boolean, required: true, default: false },
    phone: String,
    name: { type: String, required: true },
    role: { type: String, enum: USER_ROLES, required: true, default: 'buyer' },
    roles: { type: [String], enum: USER_ROLES, required: true, index: true },
    status: { type: String, enum: USER_STATUSES, required: true, default: 'active' },
    bio: String,
    avatar: String,
    locale: { type: String, required: true, default: 'en' },
    /** Schemaless: theme, quiet hours, favourite seller's ObjectId, when a hint was last seen. */
    preferences: Schema.Types.Mixed,
    passwordHash: { type: String, required: true, select: false },
    refreshTokens: { type: [String], required: true, select: false },
    searchTokens: { type: [String], required: true, index: true, select: false },
    lastSeenAt: Date,
  },
  { timestamps: true, minimize: false },
);
User.index({ createdAt: -1, _id: -1 });

const TelegramLink = new Schema(
  {
    user: { type: Schema.Types.ObjectId, ref: 'User', required: true, unique: true },
    /** Telegram's ids are past 32 bits and below 2^52. */
    telegramId: { type: Number, required: true, unique: true },
    username: String,
    firstName: { type: String, required: true },
    language: String,
    notificationsEnabled: { type: Boolean, required: true, default: true },
    linkToken: { type: String, required: true, select: false },
    linkedAt: { type: Date, required: true },
  },
  { timestamps: true },
);

const TelegramSession = new Schema(
  {
    user: { type: Schema.Types.ObjectId, ref: 'User', required: true },
    device: { type: String, required: true },
    platform: { type: String, enum: PLATFORMS, required: true },
    token: { type: String, required: true, select: false },
    startedAt: { type: Date, required: true },
    lastActiveAt: { type: Date, required: true },
    revokedAt: Date,
  },
  { timestamps: true },
);
TelegramSession.index({ user: 1, startedAt: -1, _id: -1 });

/** Gone at `expiresAt` for every reader; MongoDB's TTL monitor removes the document up to a minute later. */
const TempVerification = new Schema(
  {
    email: { type: String, required: true, index: true },
    purpose: { type: String, enum: VERIFICATION_PURPOSES, required: true },
    code: { type: String, required: true, select: false },
    attempts: { type: Number, required: true, default: 0 },
    maxAttempts: { type: Number, required: true, default: 5 },
    expiresAt: { type: Date, required: true, expires: 0 },
  },
  { timestamps: true },
);

export const identitySchemas = { User, TelegramLink, TelegramSession, TempVerification };
