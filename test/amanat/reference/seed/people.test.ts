import { expect } from 'chai';
import { amanatMappings } from '../../../../src/amanat/mappings/index.ts';
import { seedChat } from '../../../../src/amanat/reference/seed/chat.ts';
import {
  createSeedContext,
  type SeedContext,
  type SeedDocument,
} from '../../../../src/amanat/reference/seed/context.ts';
import { seedIdentity } from '../../../../src/amanat/reference/seed/identity.ts';
import { seedNotifications } from '../../../../src/amanat/reference/seed/notifications.ts';
import { seedPoints } from '../../../../src/amanat/reference/seed/points.ts';
import { convert } from '../../../../src/api/rows/convert.ts';

const COLLECTIONS = [
  'users',
  'telegramlinks',
  'telegramsessions',
  'tempverifications',
  'pointtransactions',
  'levelconfigs',
  'chats',
  'notifications',
] as const;

function* seeded(context: SeedContext): Iterable<SeedDocument> {
  yield* seedIdentity(context);
  yield* seedPoints(context);
  yield* seedChat(context);
  yield* seedNotifications(context);
}

/** Why Postgres cannot hold the document, path by path, where ids that name no document of the seed are gone. */
function reasons({ collection, doc }: SeedDocument, gone: ReadonlySet<string>): string[] {
  const mapping = amanatMappings.find((one) => one.collection === collection);
  if (mapping === undefined) throw new Error(`no mapping of ${collection}`);
  const lookup = (_: string, id: string): string | null => (gone.has(id) ? null : id);
  return convert(mapping, doc, lookup).rejects.map(({ path, reason }) => `${path}: ${reason}`);
}

describe('seed of identity, points, chat and notifications', () => {
  it('is the same for the same seed and another for another', () => {
    const text = (seed: number) => JSON.stringify([...seeded(createSeedContext({ seed, size: 'small' }))]);
    expect(text(3)).to.equal(text(3));
    expect(text(3)).to.not.equal(text(4));
  });

  it('has as many documents as were counted, each fit for its row, none with an id twice', () => {
    const context = createSeedContext({ seed: 9, size: 'small' });
    const docs = [...seeded(context)];
    for (const name of COLLECTIONS) {
      const ids = docs.filter(({ collection }) => collection === name).map(({ doc }) => String(doc._id));
      expect(new Set(ids).size, name).to.equal(context.count(name));
      expect(ids.length, name).to.equal(context.count(name));
    }
    for (const one of docs) expect(reasons(one, new Set())).to.deep.equal([]);
  });

  it('gives every user an address of their own, and every telegram link a user of its own', () => {
    const context = createSeedContext({ seed: 9, size: 'large' });
    const docs = [...seedIdentity(context)];
    const distinct = (name: string, field: string): number =>
      new Set(docs.filter(({ collection }) => collection === name).map(({ doc }) => String(doc[field]))).size;
    expect(distinct('users', 'email')).to.equal(context.count('users'));
    expect(distinct('telegramlinks', 'user')).to.equal(context.count('telegramlinks'));
    expect(distinct('telegramlinks', 'telegramId')).to.equal(context.count('telegramlinks'));
  });

  it('has nothing that expires while it is used', () => {
    for (const { doc } of seeded(createSeedContext({ seed: 5, size: 'small' }))) {
      if (doc.expiresAt instanceof Date) expect(doc.expiresAt.getUTCFullYear()).to.be.at.least(2090);
    }
  });

  it('has, when asked, notifications that Postgres cannot hold, each with its reason', () => {
    const context = createSeedContext({ seed: 9, size: 'small', rejects: true });
    const gone = new Set([context.gone('users', 4).toHexString()]);
    const found = [...seedNotifications(context)].flatMap((one) => reasons(one, gone));
    expect(found).to.have.length(4);
    expect(found[0]).to.match(/^body: text with a NUL/);
    expect(found[1]).to.match(/^payload: .*deep\[0\]\.text.* NUL/);
    expect(found[2]).to.match(/^payload: share is Infinity/);
    expect(found[3]).to.match(/^user: refers to users [0-9a-f]{24}, which is gone/);
  });
});
