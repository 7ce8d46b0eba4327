/** Marketplace: every read endpoint, each with pattern, comparator and SQL in one place. */

import type { TwinRoute } from '../amanat/twin/route.ts';
import { categoryRoutes } from './marketplace/categories.ts';
import { offerRoutes } from './marketplace/offers.ts';
import { peopleRoutes } from './marketplace/people.ts';
import { requestRoutes } from './marketplace/requests.ts';
import { templateRoutes } from './marketplace/templates.ts';

export const marketplaceRoutes: readonly TwinRoute[] = [
  ...requestRoutes,
  ...offerRoutes,
  ...templateRoutes,
  ...categoryRoutes,
  ...peopleRoutes,
];
