/** Content: posts in HTML, and shops set up by clients of several years. */
import { type SeedContext, type SeedDocument, sentence, words } from './context.ts';
import { shopSettingsOf } from './shop-settings.ts';

const DAY = 86_400_000;
const TAGS = ['escrow', 'news', 'راهنما', 'новости', 'café', 'cafe\u0301', 'Escrow', 'C++', '🔐', 'a,b'];

export function* seedContent(context: SeedContext): Iterable<SeedDocument> {
  for (let index = 0; index < context.count('blogposts'); index += 1) {
    yield { collection: 'blogposts', doc: post(context, index) };
  }
  for (let index = 0; index < context.count('shopsettings'); index += 1) {
    const createdAt = context.createdAt('shopsettings', index);
    yield {
      collection: 'shopsettings',
      doc: {
        _id: context.oid('shopsettings', index),
        // Every seller from the first on has one until they run out: later sellers have the defaults alone.
        seller: context.oid('users', 3 * (index + 1)),
        settings: shopSettingsOf(context, index),
        createdAt,
        updatedAt: new Date(createdAt.getTime() + 3_600_000 * (index % 50)),
        __v: 0,
      },
    };
  }
  if (context.rejects) yield* contentRejects(context);
}

function post(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('blogposts', index);
  const createdAt = context.createdAt('blogposts', index);
  const draft = index % 5 === 3;
  const slugs = [`post-${index}`, `نوشته-${index}`, `статья-${index}`, `é-${index}`, `e\u0301-${index}`, `🔐-${index}`];
  // Whole days, one for every three posts: several are published at the same instant.
  const publishedAt = new Date(
    Math.ceil(context.createdAt('blogposts', index - (index % 3)).getTime() / DAY) * DAY + DAY,
  );
  return {
    _id: context.oid('blogposts', index),
    slug: slugs[index % slugs.length],
    title: words(random, 2, 6),
    ...(random.chance(0.8) ? { excerpt: random.chance(0.1) ? '' : sentence(random) } : {}),
    body: html(context, index),
    tags: random.shuffle(random.some(TAGS, 0.3)),
    author: random.chance(0.06) ? context.gone('users', index) : context.pick('users', random),
    status: draft ? 'draft' : 'published',
    ...(draft ? {} : { publishedAt }),
    createdAt,
    updatedAt: new Date(createdAt.getTime() + random.int(0, 30 * DAY)),
    __v: 0,
  };
}

/** With entities beside the characters they stand for, CRLF, marks of direction and trailing blanks. */
function html(context: SeedContext, index: number): string {
  const random = context.random('html', index);
  const paragraphs = Array.from({ length: random.int(1, 6) }, () => `<p>${sentence(random, 8, 40)}</p>`);
  return [
    `<h1 dir="rtl">\u202b${words(random, 1, 3)}\u202c</h1>`,
    ...paragraphs,
    '<p>&amp; &lt;b&gt; &nbsp;\u00a0 &zwnj;\u200c &#x1F510;🔐 e\u0301 é</p>',
    `<a href="https://example.org/?a=1&amp;b=${index}">“link”</a><!-- kept --><script>let a = '</' + 'p>';</script> `,
  ].join(index % 2 === 0 ? '\n' : '\r\n');
}

function* contentRejects(context: SeedContext): Iterable<SeedDocument> {
  const at = context.epoch;
  const shop = (place: number, settings: unknown): SeedDocument => ({
    collection: 'shopsettings',
    doc: {
      _id: context.oid('shopsettings', context.count('shopsettings') + place),
      seller: context.oid('users', 3 * (context.count('shopsettings') + 1 + place)),
      settings,
      createdAt: at,
      updatedAt: at,
      __v: 0,
    },
  });
  yield shop(0, { note: 'NUL\u0000inside' });
  yield shop(1, { theme: { link: { $ref: 'themes', name: 'not a DBRef, and not to be told from one' } } });
  yield shop(2, { ratio: Number.POSITIVE_INFINITY });
}
