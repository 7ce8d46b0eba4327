import { request as rawRequest } from 'node:http';
import { expect } from 'chai';
import { notFound, ok, type TwinHandler } from '../../../src/amanat/twin/handler.ts';
import { get, type TwinRoute } from '../../../src/amanat/twin/route.ts';
import { buildOf, createTwin, type Twin } from '../../../src/amanat/twin/server.ts';
import { amount, blob, explicitNull, id, instantOf } from '../../../src/amanat/twin/values.ts';
import { comparator, object } from '../../../src/rules/kit.ts';
import { freshDatabase } from '../../support/stores.ts';

const UUID = '01906fad-1af0-723d-a10a-9042ab4de4f6';
const OID = '0123456789abcdef01234567';
const nothing = comparator('things', object({}));

const routes = (twin: TwinHandler): TwinRoute[] => [
  get('things', '/api/things/:slug', { comparator: nothing, twin }),
  get('things', '/api/things/stats', { comparator: nothing, twin: async () => ok({ stats: true }) }),
  get('things', '/api/things/export.csv', {
    comparator: nothing,
    twin: async () => ({ kind: 'csv', header: ['id', 'text'], rows: rowsOf(3) }),
  }),
  get('things', '/api/things/cut.csv', {
    comparator: nothing,
    twin: async () => ({ kind: 'csv', header: ['id', 'text'], rows: failing() }),
  }),
  get('things', '/api/things/broken', {
    comparator: nothing,
    twin: async () => {
      throw new Error('password=hunter2');
    },
  }),
];

const everything: TwinHandler = async ({ params }) => {
  if (params.slug === 'gone') throw notFound();
  return ok({
    slug: params.slug ?? '',
    _id: id(UUID, OID),
    double: amount('0.300000000000000040', 'double'),
    exact: amount('10.500000000000000000', 'decimal128'),
    whole: amount('100.000000000000000000', 'decimal128'),
    units: amount('100', 'string'),
    at: instantOf(new Date('2025-01-01T00:00:00.000Z')),
    absent: null,
    shown: explicitNull(),
    blob: blob({ id: { $oid: OID }, at: { $date: { $numberLong: '0' } }, n: { $numberDecimal: '1.50' }, empty: null }),
    list: [null, id(UUID, OID)],
  });
};

async function* rowsOf(count: number) {
  for (let at = 0; at < count; at += 1) yield [id(UUID, OID), at === 0 ? null : `"${at}", \r\n`] as const;
}

async function* failing() {
  yield* rowsOf(1000);
  throw new Error('the cursor broke');
}

describe('the twin', () => {
  let twin: Twin;
  let url: string;

  before(async () => {
    twin = createTwin({ databaseUrl: await freshDatabase(), routes: routes(everything), build: 'b1' });
    url = await twin.listen();
  });

  after(() => twin.close());

  const ask = async (target: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url + target, { headers });
    return { response, body: await response.text() };
  };

  it('answers in its own forms: uuids, decimal strings, null, Extended JSON', async () => {
    const { response, body } = await ask('/api/things/a');
    expect(response.headers.get('x-twin-build')).to.equal('b1');
    expect(JSON.parse(body)).to.deep.equal({
      slug: 'a',
      _id: UUID,
      double: '0.30000000000000004',
      exact: '10.5',
      whole: '100',
      units: '100',
      at: '2025-01-01T00:00:00.000Z',
      absent: null,
      shown: null,
      blob: { id: { $oid: OID }, at: { $date: { $numberLong: '0' } }, n: { $numberDecimal: '1.50' }, empty: null },
      list: [null, UUID],
    });
  });

  it("answers in the primary's forms when asked to", async () => {
    const { body } = await ask('/api/things/a', { 'x-twin-representation': 'primary' });
    expect(JSON.parse(body)).to.deep.equal({
      slug: 'a',
      _id: OID,
      double: 0.1 + 0.2,
      exact: { $numberDecimal: '10.5' },
      whole: { $numberDecimal: '100' },
      units: '100',
      at: '2025-01-01T00:00:00.000Z',
      shown: null,
      blob: { id: OID, at: '1970-01-01T00:00:00.000Z', n: { $numberDecimal: '1.50' }, empty: null },
      list: [null, OID],
    });
  });

  it('takes a literal segment before a parameter', async () => {
    expect((await ask('/api/things/stats')).body).to.equal('{"stats":true}');
  });

  it('streams CSV with quotes only where they are needed', async () => {
    const { response, body } = await ask('/api/things/export.csv');
    expect(response.headers.get('content-disposition')).to.equal('attachment; filename="export.csv"');
    expect(body).to.equal(`id,text\r\n${UUID},\r\n${UUID},"""1"", \r\n"\r\n${UUID},"""2"", \r\n"\r\n`);
  });

  it('cuts a CSV that fails on the way, so that half of it does not look whole', async () => {
    const outcome = await ask('/api/things/cut.csv').then(
      () => 'whole',
      () => 'cut',
    );
    expect(outcome).to.equal('cut');
  });

  for (const [target, status, code] of [
    ['/api/things/gone', 404, 'not_found'],
    ['/api/unknown', 404, 'not_found'],
    ['/api/things/%00', 404, 'not_found'],
    ['/api/things/broken', 500, 'internal'],
  ] as const) {
    it(`answers ${status} ${code} to ${target}, and tells nothing of why`, async () => {
      const { response, body } = await ask(target);
      expect([response.status, JSON.parse(body).error.code]).to.deep.equal([status, code]);
      expect(body).not.to.contain('hunter2');
      expect(response.headers.get('x-twin-build')).to.equal('b1');
    });
  }

  it('answers 400 to a path that is no UTF-8', async () => {
    const status = await new Promise((resolve, reject) => {
      const asking = rawRequest(`${url}/api/things/%E0%A4%A`, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.on('error', reject).end();
    });
    expect(status).to.equal(400);
  });

  it('has another build when a handler is another', () => {
    expect(buildOf(routes(everything))).to.equal(buildOf(routes(everything)));
    expect(buildOf(routes(everything))).not.to.equal(buildOf(routes(async () => ok(1))));
  });

  it('says that a port is in use', async () => {
    const other = createTwin({ databaseUrl: await freshDatabase(), routes: [], build: 'b2' });
    const refusal = await other.listen(Number(new URL(url).port)).catch((error: unknown) => error);
    await other.close();
    expect(refusal).to.have.property('code', 'SHADOW_PORT_IN_USE');
  });
});
