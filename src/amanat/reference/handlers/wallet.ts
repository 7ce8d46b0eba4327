import type { Router } from 'express';
import { CHAINS } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { filterOf, found, pageOf, pathId, Query } from '../http.ts';

export const DESTINATION_COUNTER = 'derived_destination_index';

export function mountWallet(router: Router, context: ReferenceContext): void {
  const { Counter, DerivedDestination, TrezorAccount, User } = context.models;

  router.get('/api/wallet/next-index', async (_request, response) => {
    const counter = await Counter.findById(DESTINATION_COUNTER).lean();
    response.json({ counter: DESTINATION_COUNTER, next: Number(counter?.seq ?? 0) + 1 });
  });

  router.get('/api/wallet/destinations/:id', async (request, response) => {
    response.json(found(await DerivedDestination.findById(pathId(request)).lean()));
  });

  router.get('/api/wallet/destinations', async (request, response) => {
    const query = new Query(request);
    const filter = filterOf({ user: query.id('user'), chain: query.oneOf('chain', CHAINS) });
    const paging = query.paging();
    const [total, data] = await Promise.all([
      DerivedDestination.countDocuments(filter),
      DerivedDestination.find(filter).sort({ createdAt: -1, _id: -1 }).skip(paging.skip).limit(paging.limit).lean(),
    ]);
    response.json(pageOf(data, total, paging));
  });

  router.get('/api/wallet/trezor/:userId', async (request, response) => {
    const userId = pathId(request, 'userId');
    found(await User.findById(userId).select('_id').lean());
    const accounts = await TrezorAccount.find({ user: userId }).sort({ createdAt: 1, _id: 1 }).lean();
    response.json({ data: accounts.map((account) => ({ ...account, xpub: masked(String(account.xpub)) })) });
  });
}

/** The first eight and the last four characters: enough to tell accounts apart, too little to derive an address. */
function masked(xpub: string): string {
  return `${xpub.slice(0, 8)}…${xpub.slice(-4)}`;
}
