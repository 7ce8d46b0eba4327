import { Schema } from 'mongoose';
import { POINT_TYPES } from '../../words.ts';

/** Never changed once written; the balance is the sum, and nothing else stores it. */
const PointTransaction = new Schema(
  {
    user: { type: Schema.Types.ObjectId, ref: 'User', required: true },
    type: { type: String, enum: POINT_TYPES, required: true },
    /** Whole points, below zero where points are taken. */
    points: { type: Number, required: true },
    reason: { type: String, required: true },
    payment: { type: Schema.Types.ObjectId, ref: 'Payment' },
  },
  { timestamps: true },
);
PointTransaction.index({ user: 1, createdAt: 1, _id: 1 });

const LevelConfig = new Schema(
  {
    level: { type: Number, required: true, unique: true },
    name: { type: String, required: true },
    /** Lifetime points from which the level holds. */
    minPoints: { type: Number, required: true },
    /** What earned points are multiplied by: 1, 1.05, 1.1, … */
    multiplier: { type: Number, required: true },
    benefits: { type: [String], required: true },
    color: String,
  },
  { timestamps: true },
);

export const pointsSchemas = { PointTransaction, LevelConfig };
