/** The read endpoints of content, served from MongoDB. */
import type { Router } from 'express';
import type { ReferenceContext } from '../context.ts';
import { filterOf, found, pageOf, pathId, pathText, Query } from '../http.ts';
import { SHOP_DEFAULTS, withDefaults } from './shop-defaults.ts';

const author = { path: 'author', select: 'name' };

export function mountContent(router: Router, context: ReferenceContext): void {
  const { BlogPost, ShopSettings, User } = context.models;

  router.get('/api/blog', async (request, response) => {
    const query = new Query(request);
    const tag = query.text('tag');
    const paging = query.paging();
    const filter = filterOf({ status: 'published', tags: tag });
    const [data, total] = await Promise.all([
      BlogPost.find(filter)
        .select('-body')
        .sort({ publishedAt: -1, _id: -1 })
        .skip(paging.skip)
        .limit(paging.limit)
        .populate(author)
        .lean(),
      BlogPost.countDocuments(filter),
    ]);
    response.json(pageOf(data, total, paging));
  });

  router.get('/api/blog/:slug', async (request, response) => {
    const slug = pathText(request, 'slug');
    response.json(found(await BlogPost.findOne({ slug, status: 'published' }).populate(author).lean()));
  });

  router.get('/api/shops/:sellerId/settings', async (request, response) => {
    const seller = pathId(request, 'sellerId');
    found(await User.exists({ _id: seller }));
    const stored = await ShopSettings.findOne({ seller }).lean();
    response.json({
      seller,
      settings: withDefaults(stored?.settings ?? {}, SHOP_DEFAULTS),
      ...(stored === null ? {} : { updatedAt: stored.updatedAt }),
    });
  });
}
