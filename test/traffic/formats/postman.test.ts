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

  it('fills variables in before it encodes them', async () => {
    const told = await telling(
      collection(
        [
          one({
            url: '/a',
            auth: {
              type: 'basic',
              basic: [
                { key: 'username', value: 'u' },
                { key: 'password', value: '{{v}}' },
              ],
            },
          }),
          one({
            method: 'POST',
            url: '/s',
            body: { mode: 'urlencoded', urlencoded: [{ key: '{{k}}', value: '{{v}}' }] },
          }),
          one({
            method: 'POST',
            url: '/s',
            body: { mode: 'graphql', graphql: { query: '{ a }', variables: '{"b":{{n}}}' } },
          }),
          one({
            method: 'POST',
            url: '/s',
            body: { mode: 'graphql', graphql: { query: 'q', operationName: 'A', variables: { b: '{{k}}' } } },
          }),
          one({ url: '/a', auth: { type: 'basic', basic: [{ key: 'username', value: '{{nobody}}' }] } }),
        ],
        {
          variable: [
            { key: 'v', value: 'a&b=c' },
            { key: 'k', value: 'key' },
            { key: 'n', value: 5 },
          ],
        },
      ),
    );
    expect(fieldsOf(told.requests[0], 'authorization')).to.deep.equal([`Basic ${btoa('u:a&b=c')}`]);
    expect(told.requests.slice(1).map(({ body }) => Buffer.from(body ?? []).toString())).to.deep.equal([
      'key=a%26b%3Dc',
      '{"query":"{ a }","variables":{"b":5}}',
      '{"operationName":"A","query":"q","variables":{"b":"key"}}',
    ]);
    expect(told.unusable[0]?.why).to.equal('the variable nobody has no value; --variable nobody=…');
  });

  it('sends no body with a GET that keeps one, as Postman does, unless the request says otherwise', async () => {
    const body = { mode: 'raw', raw: '{"q":1}', options: { raw: { language: 'json' } } };
    const told = await telling(
      collection([
        one({ url: '/a', body }),
        one({ url: '/b', body: { mode: 'formdata', formdata: [] } }),
        { ...one({ url: '/c', body }), protocolProfileBehavior: { disableBodyPruning: true } },
      ]),
    );
    expect(told.unusable).to.deep.equal([]);
    expect(told.requests.map((request) => [request.body?.length, request.rawHeaders.length])).to.deep.equal([
      [undefined, 0],
      [undefined, 0],
      [7, 2],
    ]);
  });

  it('keeps repeats of a field', async () => {
    const header = [
      { key: 'A', value: '1' },
      { key: 'a', value: '2' },
    ];
    expect(fieldsOf((await telling(collection([one({ url: '/a', header })]))).requests[0], 'a')).to.deep.equal([
      '1',
      '2',
    ]);
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
