/** The read endpoints of the marketplace, served from MongoDB. */
import type { Router } from 'express';
import type { PipelineStage, Types } from 'mongoose';
import { REQUEST_STATUSES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { beyond, cursorPage, filterOf, found, notFound, pageOf, pathId, pathText, Query } from '../http.ts';
import type { ModelName, Stored } from '../models/index.ts';
import { OFFER_SORTS, REQUEST_SORTS } from '../models/marketplace.ts';
import { searchWords } from '../search-words.ts';
import { categoryPath, categoryTree } from './category-tree.ts';

const person = (path: string) => ({ path, select: 'name' });
const inCategory = { path: 'category', select: 'slug name' };

export function mountMarketplace(router: Router, context: ReferenceContext): void {
  mountRequests(router, context);
  mountOffers(router, context);
  mountTemplatesAndCategories(router, context);
  mountPeople(router, context);
}

function mountRequests(router: Router, context: ReferenceContext): void {
  const { PurchaseRequest, SellerOffer } = context.models;

  router.get('/api/requests', async (request, response) => {
    const query = new Query(request);
    const status = query.oneOf('status', REQUEST_STATUSES);
    const category = query.id('category');
    const buyer = query.id('buyer');
    const q = query.text('q');
    const least = query.decimal('minBudget');
    const most = query.decimal('maxBudget');
    const paging = query.paging();
    const sort = query.sort(REQUEST_SORTS, '-createdAt');

    // A reference to a document that is gone matches nothing, although documents still hold the id.
    if (!(await exists(context, 'Category', category)) || !(await exists(context, 'User', buyer))) {
      response.json(pageOf([], 0, paging));
      return;
    }
    const filter = filterOf({
      status,
      category,
      buyer,
      // `$all` of an empty list matches nothing, as a search without a letter does.
      searchTokens: q === undefined ? undefined : { $all: searchWords(q) },
      budget: least === undefined && most === undefined ? undefined : filterOf({ $gte: least, $lte: most }),
    });
    const [data, total] = await Promise.all([
      PurchaseRequest.find(filter)
        .sort(sort)
        .skip(paging.skip)
        .limit(paging.limit)
        .populate([inCategory, person('buyer')])
        .lean(),
      PurchaseRequest.countDocuments(filter),
    ]);
    response.json(pageOf(data, total, paging));
  });

  router.get('/api/requests/:id', async (request, response) => {
    const id = pathId(request);
    const doc = await PurchaseRequest.findById(id)
      .populate([inCategory, person('buyer')])
      .lean();
    response.json(found(doc));
  });

  router.get('/api/requests/:id/offers', async (request, response) => {
    const id = pathId(request);
    const [field, direction] = Object.entries(new Query(request).sort(OFFER_SORTS, 'price'))[0] ?? ['price', 1];
    found(await PurchaseRequest.exists({ _id: id }));
    // Sorted by the price alone: offers of the same price come in any order.
    const data = await SellerOffer.find({ request: id })
      .sort({ [field]: direction })
      .populate(person('seller'))
      .lean();
    response.json({ data });
  });
}

function mountOffers(router: Router, context: ReferenceContext): void {
  const { SellerOffer, Review } = context.models;

  router.get('/api/offers/:id', async (request, response) => {
    const offer = found(
      await SellerOffer.findById(pathId(request))
        .populate([
          person('seller'),
          { path: 'request', select: 'title status budget currency buyer', populate: person('buyer') },
        ])
        .lean(),
    );
    const seller = offer.seller;
    if (seller === null || typeof seller !== 'object' || !('_id' in seller)) {
      response.json({ ...offer, seller: null });
      return;
    }
    const [rating] = await Review.aggregate<Stored>([
      { $match: { seller: seller._id } },
      { $group: { _id: null, average: { $avg: '$rating' }, count: { $sum: 1 } } },
      { $project: { _id: 0 } },
    ]);
    response.json({ ...offer, seller: { ...seller, rating: rating ?? { average: null, count: 0 } } });
  });
}

function mountTemplatesAndCategories(router: Router, context: ReferenceContext): void {
  const { RequestTemplate } = context.models;

  router.get('/api/templates', async (request, response) => {
    const category = new Query(request).id('category');
    const data = (await exists(context, 'Category', category))
      ? await RequestTemplate.find(filterOf({ active: true, category }))
          .sort({ slug: 1 })
          .populate(inCategory)
          .lean()
      : [];
    response.json({ data });
  });

  router.get('/api/templates/:slug', async (request, response) => {
    const slug = pathText(request, 'slug');
    const doc = await RequestTemplate.findOne({ slug, active: true }).populate(inCategory).lean();
    response.json(found(doc));
  });

  router.get('/api/categories', async (_request, response) => {
    response.json({ data: await categoryTree(context.models.Category) });
  });

  router.get('/api/categories/:slug/path', async (request, response) => {
    response.json({ data: found(await categoryPath(context.models.Category, pathText(request, 'slug'))) });
  });
}

function mountPeople(router: Router, context: ReferenceContext): void {
  const { Address, Review } = context.models;

  router.get('/api/users/:id/addresses', async (request, response) => {
    const user = pathId(request);
    if (!(await exists(context, 'User', user))) throw notFound();
    response.json({ data: await Address.find({ user }).sort({ createdAt: 1, _id: 1 }).lean() });
  });

  router.get('/api/sellers/:id/reviews', async (request, response) => {
    const seller = pathId(request);
    const query = new Query(request);
    const after = query.cursor('after');
    const limit = query.limit();
    if (!(await exists(context, 'User', seller))) throw notFound();
    const docs = await Review.find({ seller, ...beyond(after, 'createdAt', -1) })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .populate([person('author'), { path: 'request', select: 'title' }])
      .lean();
    response.json(cursorPage(docs, limit, 'createdAt'));
  });

  router.get('/api/sellers/:id/rating', async (request, response) => {
    const seller = pathId(request);
    if (!(await exists(context, 'User', seller))) throw notFound();
    const perStar: PipelineStage[] = [
      { $match: { seller } },
      { $group: { _id: '$rating', count: { $sum: 1 }, stars: { $sum: '$rating' } } },
    ];
    const groups = await Review.aggregate<{ _id: number; count: number; stars: number }>(perStar);
    const histogram: Record<string, number> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
    let count = 0;
    let stars = 0;
    for (const group of groups) {
      histogram[String(group._id)] = group.count;
      count += group.count;
      stars += group.stars;
    }
    response.json({ seller, average: count === 0 ? null : stars / count, count, histogram });
  });
}

/** True without an id; else whether its document exists. */
async function exists(context: ReferenceContext, model: ModelName, id: Types.ObjectId | undefined): Promise<boolean> {
  return id === undefined || (await context.models[model].exists({ _id: id })) !== null;
}
