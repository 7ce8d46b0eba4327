/** Content: what is published, and how a seller has set up a shop. */
import { Schema } from 'mongoose';
import { POST_STATUSES } from '../../words.ts';

const { ObjectId, Mixed } = Schema.Types;

const BlogPost = new Schema({
  slug: { type: String, required: true },
  title: { type: String, required: true },
  excerpt: String,
  /** HTML, byte for byte as the editor saved it. */
  body: { type: String, required: true },
  tags: [String],
  author: { type: ObjectId, ref: 'User', required: true },
  status: { type: String, required: true, enum: POST_STATUSES },
  /** Absent until it is published. */
  publishedAt: Date,
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
});
BlogPost.index({ slug: 1 }, { unique: true });
BlogPost.index({ status: 1, publishedAt: -1, _id: -1 });
BlogPost.index({ tags: 1 });

const ShopSettings = new Schema(
  {
    seller: { type: ObjectId, ref: 'User', required: true },
    /** Only what the seller changed, in whatever shape the client of that year sent; read with the defaults below it. */
    settings: { type: Mixed, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { minimize: false },
);
ShopSettings.index({ seller: 1 }, { unique: true });

export const contentSchemas = { BlogPost, ShopSettings };
