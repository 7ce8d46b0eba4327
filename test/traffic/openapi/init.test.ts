import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { loadApiOf } from '../../../src/cli/api.ts';
import { main } from '../../../src/cli.ts';
import { loadConfig } from '../../../src/config.ts';

const DOCUMENT = `
openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: https://shop.example/api/v2/ }]
paths:
  /orders:
    get:
      operationId: listOrders
      parameters:
        - { name: page, in: query, schema: { type: integer } }
        - { name: limit, in: query, schema: { type: integer, maximum: 50, default: 10 } }
        - { name: sort, in: query, schema: { type: string, enum: [createdAt, -createdAt, total], default: -createdAt } }
        - { name: status, in: query, schema: { $ref: '#/components/schemas/Status' } }
        - { name: from, in: query, schema: { type: string, format: date-time } }
        - { name: paid, in: query, schema: { type: boolean } }
        - { name: buyer, in: query, schema: { type: string, format: uuid } }
        - { name: after, in: query, schema: { type: string } }
        - { name: q, in: query, schema: { type: string } }
      responses:
        "200":
          description: a page
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: { type: array, items: { $ref: '#/components/schemas/Order' } }
                  total: { type: integer }
        "400": { $ref: '#/components/responses/Bad' }
    post: { responses: { "201": { description: made } } }
  /orders/{orderId}:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    get:
      responses:
        "200": { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
  /orders/{orderId}.pdf:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    get: { responses: { "200": { description: a file } } }
  /stock/:
    get: { responses: { "200": { description: all, content: { application/json: { schema: { type: integer } } } } } }
  /stock/{id}/:
    get: { responses: { "200": { description: one, content: { application/json: { schema: { type: integer } } } } } }
  /stock({id}):
    get: { responses: { "200": { description: one } } }
  /go/{id}:
    get: { responses: { "302": { description: elsewhere }, "404": { description: none } } }
  /search:
    post:
      responses:
        "200":
          description: hits
          content: { application/json: { schema: { type: object, additionalProperties: { type: number } } } }
components:
  responses:
    Bad: { description: no, content: { application/json: { schema: { type: object, properties: { error: { type: string } } } } } }
  schemas:
    Status: { type: string, enum: [open, paid] }
    Base: { type: object, properties: { id: { type: string, format: uuid }, createdAt: { type: string, format: date-time } } }
    Order:
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          properties:
            status: { $ref: '#/components/schemas/Status' }
            buyerId: { type: string, format: uuid }
            note: { type: [string, "null"] }
            paidAt: { oneOf: [{ type: string, format: date-time }, { type: "null" }] }
            total: { type: number }
            gift: { type: boolean }
            extra: { type: object }
            parent: { $ref: '#/components/schemas/Order' }
`;

describe('init --openapi', () => {
  it('drafts routes, parameters and rules, which the real check takes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shadowread-openapi-'));
    try {
      const [source, target] = [join(folder, 'openapi.yaml'), join(folder, 'shadowread.yaml')];
      await writeFile(source, DOCUMENT);
      expect(await main(['init', '--openapi', source, '--out', target, '--read-post', '/search'])).to.equal(0);
      const written = parse(await readFile(target, 'utf8'));
      await loadApiOf(loadConfig(target, {}));
      const [list, one, file, stock, item, go, search] = written.routes.entries;
      expect([file, stock, item].map(({ pattern }) => pattern)).to.deep.equal([
        '/api/v2/orders/:orderId.pdf',
        '/api/v2/stock/',
        '/api/v2/stock/:id/',
      ]);
      expect(go).to.include({ pattern: '/api/v2/go/:id', redirects: true });
      expect(file).not.to.have.property('redirects');
      expect([list, one, search].map(({ method, pattern, domain }) => [method, pattern, domain])).to.deep.equal([
        [undefined, '/api/v2/orders', 'orders'],
        [undefined, '/api/v2/orders/:orderId', 'orders'],
        ['POST', '/api/v2/search', 'search'],
      ]);
      expect(list.query).to.deep.equal({
        page: 'page',
        limit: { limit: 50, default: 10 },
        sort: { sort: ['createdAt', 'total'], default: '-createdAt' },
        status: { oneOf: ['open', 'paid'] },
        from: 'instant',
        paid: 'bool',
        buyer: { id: 'orders' },
        after: { cursor: 'orders', key: 'text' },
        q: 'text',
      });
      expect(one.rules.body.object).to.deep.include({
        id: { ref: 'orders' },
        createdAt: 'instant',
        status: 'text',
        buyerId: { ref: 'buyers' },
        note: 'text?',
        paidAt: 'instant?',
        total: 'number',
        gift: 'bool',
        extra: 'strict',
      });
      expect(list.rules.body.object.data).to.include({ identity: 'id' });
      expect(list.rules.error).to.deep.equal({ object: { error: 'text' } });
      expect(search.rules.body).to.deep.equal({ record: 'number' });
      expect(Object.keys(written.ids)).to.deep.equal(['buyers', 'orders']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('reads what the specification would refuse, says why, and fills the variables of the server in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shadowread-openapi-'));
    try {
      const [source, target] = [join(folder, 'openapi.yaml'), join(folder, 'shadowread.yaml')];
      const properties = '{ ttl: { type: string, format: duration }, self: { type: string, format: uri } }';
      await writeFile(
        source,
        `openapi: 3.0.3
servers: [{ url: 'https://{region}.example/v2/{tenant}', variables: { region: { default: eu }, tenant: { default: acme } } }]
paths: { /a: { get: { responses: { '200': { content: { application/json: { schema: { type: object, properties: ${properties} } } } } } } } }
`,
      );
      expect(await main(['init', '--openapi', source, '--out', target])).to.equal(0);
      const [route] = parse(await readFile(target, 'utf8')).routes.entries;
      expect(route.pattern).to.equal('/v2/acme/a');
      expect(route.rules.body).to.deep.equal({ object: { ttl: 'duration', self: 'url' } });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says what is no OpenAPI document', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shadowread-openapi-'));
    try {
      const source = join(folder, 'x.yaml');
      await writeFile(source, 'hello: world\n');
      expect(await main(['init', '--openapi', source])).to.equal(64);
      expect(await main(['init'])).to.equal(64);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
