/**
 * Marketplace: what buyers ask for and sellers offer. The awkward parts of the storage are deliberate: money is a
 * double, references may dangle, the category tree is parent links, and search is an array of words beside the text.
 */
import { Schema } from 'mongoose';
import { OFFER_STATUSES, PRICE_CURRENCIES, REQUEST_STATUSES } from '../../words.ts';

const { ObjectId, Mixed } = Schema.Types;

/** What a list may be sorted by. */
export const REQUEST_SORTS = ['createdAt', 'budget', 'deadline', 'title'] as const;
export const OFFER_SORTS = ['price', 'createdAt'] as const;

const PurchaseRequest = new Schema(
  {
    title: { type: String, required: true },
    description: { type: String, required: true },
    status: { type: String, required: true, enum: REQUEST_STATUSES },
    category: { type: ObjectId, ref: 'Category', required: true },
    buyer: { type: ObjectId, ref: 'User', required: true },
    budget: { type: Number, required: true },
    currency: { type: String, required: true, enum: PRICE_CURRENCIES },
    tags: [String],
    /** Words of title and description: lowercased, NFC, split on non-letters. */
    searchTokens: { type: [String], select: false },
    deadline: Date,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { minimize: false },
);
PurchaseRequest.index({ status: 1, createdAt: -1, _id: -1 });
PurchaseRequest.index({ buyer: 1 });
PurchaseRequest.index({ category: 1 });
PurchaseRequest.index({ searchTokens: 1 });

const SellerOffer = new Schema({
  request: { type: ObjectId, ref: 'PurchaseRequest', required: true },
  seller: { type: ObjectId, ref: 'User', required: true },
  price: { type: Number, required: true },
  currency: { type: String, required: true, enum: PRICE_CURRENCIES },
  message: { type: String },
  deliveryDays: { type: Number, required: true },
  status: { type: String, required: true, enum: OFFER_STATUSES },
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
});
SellerOffer.index({ request: 1 });
SellerOffer.index({ seller: 1 });

const RequestTemplate = new Schema(
  {
    slug: { type: String, required: true },
    title: { type: String, required: true },
    description: { type: String, required: true },
    category: { type: ObjectId, ref: 'Category', required: true },
    /** Form fields as the editor saved them: no two templates need have the same shape. */
    fields: [Mixed],
    tags: [String],
    active: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  },
  { minimize: false },
);
RequestTemplate.index({ slug: 1 }, { unique: true });
RequestTemplate.index({ category: 1 });

const Category = new Schema({
  slug: { type: String, required: true },
  name: { type: String, required: true },
  /** Absent at a root. A parent that is gone makes a root, too. */
  parent: { type: ObjectId, ref: 'Category' },
  position: { type: Number, required: true },
  createdAt: { type: Date, required: true },
});
Category.index({ slug: 1 }, { unique: true });
Category.index({ parent: 1 });

const Address = new Schema({
  user: { type: ObjectId, ref: 'User', required: true },
  label: { type: String, required: true },
  recipient: { type: String, required: true },
  line1: { type: String, required: true },
  line2: String,
  city: { type: String, required: true },
  region: String,
  postalCode: { type: String, required: true },
  country: { type: String, required: true },
  phone: String,
  isDefault: { type: Boolean, required: true },
  createdAt: { type: Date, required: true },
});
Address.index({ user: 1 });

const Review = new Schema({
  seller: { type: ObjectId, ref: 'User', required: true },
  author: { type: ObjectId, ref: 'User', required: true },
  request: { type: ObjectId, ref: 'PurchaseRequest', required: true },
  /** Whole stars, 1 to 5. */
  rating: { type: Number, required: true, min: 1, max: 5 },
  /** Absent where nothing was written; an empty string is something that was. */
  comment: String,
  createdAt: { type: Date, required: true },
});
Review.index({ seller: 1, createdAt: -1, _id: -1 });

export const marketplaceSchemas = { PurchaseRequest, SellerOffer, RequestTemplate, Category, Address, Review };
