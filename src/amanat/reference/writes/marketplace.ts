/** Writes of the marketplace: each is one atomic write of one document, with its outbox entry in it. */
import type { Router } from 'express';
import { Types } from 'mongoose';
import { OFFER_STATUSES, PRICE_CURRENCIES, REQUEST_STATUSES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { callerOf, filterOf, forbidden, found, invalidBody, pathId } from '../http.ts';
import { inserted, outboxed } from '../outbox.ts';
import { searchWords } from '../search-words.ts';
import { Fields } from './fields.ts';

export function mountMarketplaceWrites(router: Router, context: ReferenceContext): void {
  mountRequestWrites(router, context);
  mountOfferWrites(router, context);
  mountPeopleWrites(router, context);
}

function mountRequestWrites(router: Router, context: ReferenceContext): void {
  const { PurchaseRequest, Category } = context.models;

  router.post('/api/requests', async (request, response) => {
    const caller = await callerOf(context, request);
    const fields = new Fields(request);
    const title = fields.text('title');
    const description = fields.text('description');
    const category = fields.id('category');
    if ((await Category.exists({ _id: category })) === null) throw invalidBody('There is no such category.');
    const now = context.now();
    const _id = new Types.ObjectId();
    await PurchaseRequest.create(
      inserted({
        _id,
        title,
        description,
        status: 'open',
        category,
        buyer: caller._id,
        budget: fields.amount('budget'),
        currency: fields.oneOf('currency', PRICE_CURRENCIES),
        tags: fields.has('tags') ? fields.texts('tags') : [],
        searchTokens: searchWords(title, description),
        ...(fields.has('deadline') ? { deadline: fields.instant('deadline') } : {}),
        createdAt: now,
        updatedAt: now,
      }),
    );
    response.status(201).json({ _id });
  });

  /** Title and description come together, since the search words are made of both and are written with them. */
  router.patch('/api/requests/:id', async (request, response) => {
    const caller = await callerOf(context, request);
    const _id = pathId(request);
    const fields = new Fields(request);
    const texts = fields.has('title') || fields.has('description');
    const title = texts ? fields.text('title') : undefined;
    const description = texts ? fields.text('description') : undefined;
    const changed = filterOf({
      title,
      description,
      searchTokens: texts ? searchWords(title ?? '', description ?? '') : undefined,
      status: fields.has('status') ? fields.oneOf('status', REQUEST_STATUSES) : undefined,
      budget: fields.has('budget') ? fields.amount('budget') : undefined,
      tags: fields.has('tags') ? fields.texts('tags') : undefined,
      updatedAt: context.now(),
    });
    const { buyer } = found(await PurchaseRequest.findById(_id).select('buyer').lean());
    if (caller.role !== 'admin' && String(buyer) !== String(caller._id)) throw forbidden();
    await PurchaseRequest.updateOne({ _id }, outboxed({ $set: changed }));
    response.json({ _id });
  });
}

function mountOfferWrites(router: Router, context: ReferenceContext): void {
  const { PurchaseRequest, SellerOffer } = context.models;

  router.post('/api/requests/:id/offers', async (request, response) => {
    const caller = await callerOf(context, request);
    const about = pathId(request);
    const fields = new Fields(request);
    const message = fields.optionalText('message');
    const now = context.now();
    const offer = {
      _id: new Types.ObjectId(),
      request: about,
      seller: caller._id,
      price: fields.amount('price'),
      currency: fields.oneOf('currency', PRICE_CURRENCIES),
      ...(message === undefined ? {} : { message }),
      deliveryDays: fields.wholeNumber('deliveryDays', 0, 365),
      status: 'pending',
      createdAt: now,
      updatedAt: now,
    };
    found(await PurchaseRequest.exists({ _id: about }));
    await SellerOffer.create(inserted(offer));
    response.status(201).json({ _id: offer._id });
  });

  router.patch('/api/offers/:id', async (request, response) => {
    const caller = await callerOf(context, request);
    const _id = pathId(request);
    const fields = new Fields(request);
    const changed = filterOf({
      price: fields.has('price') ? fields.amount('price') : undefined,
      status: fields.has('status') ? fields.oneOf('status', OFFER_STATUSES) : undefined,
      updatedAt: context.now(),
    });
    const { seller } = found(await SellerOffer.findById(_id).select('seller').lean());
    if (caller.role !== 'admin' && String(seller) !== String(caller._id)) throw forbidden();
    await SellerOffer.updateOne({ _id }, outboxed({ $set: changed }));
    response.json({ _id });
  });
}

function mountPeopleWrites(router: Router, context: ReferenceContext): void {
  const { Address, Review, User } = context.models;

  router.post('/api/users/:id/addresses', async (request, response) => {
    const caller = await callerOf(context, request);
    const user = pathId(request);
    if (String(user) !== String(caller._id)) throw forbidden();
    const fields = new Fields(request);
    const _id = new Types.ObjectId();
    await Address.create(
      inserted({
        _id,
        user,
        label: fields.text('label'),
        recipient: fields.text('recipient'),
        line1: fields.text('line1'),
        city: fields.text('city'),
        postalCode: fields.text('postalCode'),
        country: fields.text('country'),
        isDefault: fields.has('isDefault') ? fields.bool('isDefault') : false,
        ...filterOf({
          line2: fields.optionalText('line2'),
          region: fields.optionalText('region'),
          phone: fields.optionalText('phone'),
        }),
        createdAt: context.now(),
      }),
    );
    response.status(201).json({ _id });
  });

  router.post('/api/sellers/:id/reviews', async (request, response) => {
    const caller = await callerOf(context, request);
    const seller = pathId(request);
    const fields = new Fields(request);
    const review = {
      _id: new Types.ObjectId(),
      seller,
      author: caller._id,
      request: fields.id('request'),
      rating: fields.wholeNumber('rating', 1, 5),
      ...filterOf({ comment: fields.optionalText('comment') }),
      createdAt: context.now(),
    };
    found(await User.exists({ _id: seller }));
    await Review.create(inserted(review));
    response.status(201).json({ _id: review._id });
  });
}
