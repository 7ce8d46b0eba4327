import { expect } from 'chai';
import { asked, fieldsOf, telling } from '../telling.ts';

const collection = (item: unknown[], more: object = {}): string =>
  JSON.stringify(
    {
      info: { name: 'c', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
      item,
      ...more,
    },
    null,
    2,
  );
const one = (request: unknown): object => ({ name: 'r', request });

describe('traffic/formats/postman', () => {
  for (const [what, request, wanted] of [
    ['a bare URL', 'https://h/a?b=1', 'GET /a?b=1'],
    ['an object', { method: 'GET', url: { raw: 'https://h:81/a?b=1', host: ['h'], path: ['a'] } }, 'GET /a?b=1'],
    [
      'an object without raw',
      {
        url: {
          protocol: 'https',
          host: ['a', 'h'],
          port: '1',
          path: ['a', 'b'],
          query: [
            { key: 'c', value: '1' },
            { key: 'd', value: null },
          ],
        },
      },
      'GET /a/b?c=1&d',
    ],
    [
      'a disabled row of the query',
      {
        url: {
          raw: 'http://h/a?x=1&y=2',
          query: [
            { key: 'x', value: '1', disabled: true },
            { key: 'y', value: '2' },
          ],
        },
      },
      'GET /a?y=2',
    ],
    [
      'path variables',
      {
        url: {
          raw: 'http://h/users/:id/orders/:n',
          variable: [
            { key: 'id', value: 'a/b' },
            { key: 'n', value: '{{deep}}' },
          ],
        },
      },
      'GET /users/a%2Fb/orders/42',
    ],
    ['a base without a value', { url: '{{baseUrl}}/a?b={{deep}}' }, 'GET /a?b=42'],
    ['a base without a value after a scheme', { url: 'https://{{host}}:8080/a' }, 'GET /a'],
    ['a base with a path', { url: '{{api}}/a' }, 'GET /api/v1/a'],
    ['no scheme', { url: 'localhost:3000/a' }, 'GET /a'],
    ['a method that is a variable', { method: '{{verb}}', url: 'http://h/a' }, 'HEAD /a'],
  ] as const) {
    it(`takes ${what}`, async () => {
      const variable = [
        { key: 'api', value: 'https://h/api/v1' },
        { key: 'deep', value: '{{deeper}}' },
        { key: 'deeper', value: 42 },
        { key: 'verb', value: 'HEAD' },
        { key: 'loop', value: '{{loop}}{{loop}}' },
      ];
      const told = await telling(collection([one(request)], { variable }));
      expect(told.unusable).to.deep.equal([]);
      expect(told.format).to.equal('postman');
      expect(asked(told)).to.deep.equal([wanted]);
    });
  }

  it('follows folders in folders, with their variables and credentials', async () => {
    const told = await telling(
      collection(
        [
          one('http://h/top'),
          {
            name: 'outer',
            auth: {
              type: 'apikey',
              apikey: [
                { key: 'key', value: 'X-Key' },
                { key: 'value', value: '{{who}}' },
              ],
            },
            item: [
              {
                name: 'inner',
                variable: [{ key: 'who', value: 'inner' }],
                item: [one({ url: 'http://h/{{who}}' }), one({ url: 'http://h/none', auth: { type: 'noauth' } })],
              },
              one({
                url: 'http://h/{{who}}',
                header: [
                  { key: 'x-key', value: 'own' },
                  { key: 'Off', value: '1', disabled: true },
                ],
              }),
            ],
          },
        ],
        {
          variable: [{ key: 'who', value: 'all' }],
          auth: { type: 'bearer', bearer: [{ key: 'token', value: 't-{{who}}' }] },
        },
      ),
    );
    expect(told.requests.map(({ target, rawHeaders }) => [target, ...rawHeaders.slice(2)])).to.deep.equal([
      ['/top', 'Authorization', 'Bearer t-all'],
      ['/inner', 'X-Key', 'inner'],
      ['/none'],
      ['/all', 'x-key', 'own'],
    ]);
  });

  it('lets the values that the user gave go before all others', async () => {
    const text = collection([one('http://h/{{who}}')], { variable: [{ key: 'who', value: 'all' }] });
    expect(asked(await telling(text, { variables: { who: 'mine' } }))).to.deep.equal(['GET /mine']);
  });

  it('takes bodies, and fields that go with them', async () => {
    const told = await telling(
      collection(
        [
          one({
            method: 'POST',
            url: '/s',
            body: { mode: 'raw', raw: '{"q":"{{v}}"}', options: { raw: { language: 'json' } } },
          }),
          one({
            method: 'POST',
            url: '/s',
            body: {
              mode: 'urlencoded',
              urlencoded: [
                { key: 'q', value: '{{v}}' },
                { key: 'off', value: '1', disabled: true },
              ],
            },
          }),
          one({
            method: 'POST',
            url: '/s',
            body: { mode: 'graphql', graphql: { query: '{ a }', variables: '{"b":1}' } },
          }),
        ],
        { variable: [{ key: 'v', value: 'x' }] },
      ),
    );
    expect(told.requests.map(({ body }) => Buffer.from(body ?? []).toString())).to.deep.equal([
      '{"q":"x"}',
      'q=x',
      '{"query":"{ a }","variables":{"b":1}}',
    ]);
    expect(fieldsOf(told.requests[0], 'content-type')).to.deep.equal(['application/json']);
  });

  it('names what it cannot send, with its line', async () => {
    const told = await telling(
      collection(
        [
          { name: 'no value', request: { url: 'http://h/{{id}}' } },
          { name: 'a loop', request: { url: 'http://h/{{loop}}' } },
          { name: 'a file', request: { method: 'POST', url: 'http://h/a', body: { mode: 'formdata', formdata: [] } } },
          { name: 'nothing' },
          { name: 'elsewhere', request: { url: 'ftp://h/a' } },
          { name: 'good', request: 'http://h/a' },
        ],
        { variable: [{ key: 'loop', value: '{{loop}}' }] },
      ),
    );
    expect(asked(told)).to.deep.equal(['GET /a']);
    expect(told.unusable.map(({ why }) => why.slice(0, 28))).to.deep.equal([
      'the variable id has no value',
      'the variable loop has no val',
      'its body is a file or a mult',
      'an item is neither a request',
      'the target is neither a path',
    ]);
    expect(told.unusable[0]?.line).to.equal(8);
  });

  it('reads what the API of Postman wraps, and v2.0', async () => {
    const v20 = JSON.parse(
      collection([one({ url: 'http://h/a', auth: { type: 'basic', basic: { username: 'u', password: 'p' } } })]),
    );
    const told = await telling(JSON.stringify({ collection: v20 }));
    expect(fieldsOf(told.requests[0], 'authorization')).to.deep.equal(['Basic dTpw']);
  });

  it('says that it cannot be read', async () => {
    const told = await telling(collection([one('http://h/a')]).slice(0, -5));
    expect(told.unusable).to.deep.equal([{ line: 1, why: 'the collection cannot be read: it is not valid JSON' }]);
  });
});
