/** Asking again with sealed evidence, in the process that saw the read and in another. */
import { expect } from 'chai';
import { comparator, ignored, object } from '../../src/rules/kit.ts';
import { replay } from '../../src/verifier/recheck.ts';
import { openEvidence } from '../../src/verifier/sealed-pair.ts';
import { tableOf } from '../../src/verifier/table.ts';
import { type Listening, listen, MirrorBench } from '../support/mirror-bench.ts';
import { thingsRoutes } from '../support/things-routes.ts';

const key = Buffer.alloc(32, 9);
const THING = {
  _id: '64b000000000000000000001',
  name: 'Lamp',
  amount: 5,
  currency: 'EUR',
  at: '2026-05-01T10:00:00.000Z',
};
const offer = { route: 'GET /things/:id', target: '/things/64b000000000000000000001' };

describe('asking again', () => {
  let primary: Listening;
  let twin: Listening;
  let name = 'lamp';
  let seen: (string | undefined)[] = [];

  before(async () => {
    primary = await listen((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(THING));
    });
    twin = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...THING, name }));
    });
  });

  after(async () => {
    await Promise.all([primary.close(), twin.close()]);
  });

  it('tells a mismatch that is fixed, and one that is not; the caller is asked for as before, and never stored', async () => {
    const bench = new MirrorBench(primary.url, twin.url, { evidenceKey: key, niceness: 0 });
    try {
      await bench.mirror.ready;
      const rawHeaders = ['Host', 'api.example', 'Authorization', 'Bearer CANARY'];
      const verdict = await bench.one({ ...offer, rawHeaders });
      expect(verdict.kind).to.equal('mismatch');
      const sealed = verdict.evidence;
      if (sealed === null) throw new Error('nothing was sealed');
      const opened = openEvidence(sealed, key, Date.now());
      expect(JSON.stringify(opened)).not.to.contain('CANARY');
      expect(JSON.stringify(verdict)).not.to.contain('CANARY').and.not.to.contain('lamp');
      expect(opened.pairs.length).to.equal(verdict.rechecks.length + 1);
      seen = [];
      expect((await bench.mirror.recheck(sealed)).kind).to.equal('mismatch');
      expect(new Set(seen)).to.deep.equal(new Set(['Bearer CANARY']));
      name = 'Lamp';
      const again = await bench.mirror.recheck(sealed);
      expect(again.kind).to.equal('match');
      expect(again.exchangeId).to.equal(verdict.exchangeId);
      expect(bench.mirror.counts().seen).to.equal(1);
      name = 'lamp';

      const route = thingsRoutes[0];
      if (route === undefined) throw new Error('no route');
      const origins = { primary: primary.url, twin: twin.url };
      const ids = { uuidOf: () => null, objectIdOf: () => null };
      const lenient = comparator(
        'things.lenient',
        object({ ...fieldsOf(route.comparator.body), name: ignored('for this test') }),
      );
      const [by] = tableOf([route], origins).values();
      const [other] = tableOf([{ ...route, comparator: lenient }], origins).values();
      if (by === undefined || other === undefined) throw new Error('no table');
      expect((await replay(opened, by, ids)).outcome).to.equal('differs');
      expect((await replay(opened, other, ids)).outcome).to.equal('equal');
    } finally {
      await bench.close();
    }
  });

  it('refuses without the key', async () => {
    const sealing = new MirrorBench(primary.url, twin.url, { evidenceKey: key, niceness: 0 });
    const without = new MirrorBench(primary.url, twin.url, { niceness: 0 });
    try {
      await Promise.all([sealing.mirror.ready, without.mirror.ready]);
      const { evidence } = await sealing.one(offer);
      if (evidence === null) throw new Error('nothing was sealed');
      const refused = await without.mirror.recheck(evidence).then(
        () => null,
        (error: unknown) => error,
      );
      expect(refused).to.have.property('code', 'SHADOW_KEY');
      expect((await without.one(offer)).evidence).to.equal(null);
    } finally {
      await Promise.all([sealing.close(), without.close()]);
    }
  });
});

describe('a read without a verdict', () => {
  let primary: Listening;
  let twin: Listening;
  let answers = true;

  before(async () => {
    primary = await listen((_request, response) => response.end(JSON.stringify(THING)));
    twin = await listen((_request, response) => {
      if (answers) response.end(JSON.stringify({ ...THING, name: 'lamp' }));
    });
  });
  after(() => Promise.all([primary.close(), twin.close()]));

  it('is late, not lost, while it is read again: verifier.jobMs begins anew each time', async () => {
    const bench = new MirrorBench(primary.url, twin.url, {
      jobMs: 2_400,
      settle: { delaysMs: [1_200, 2_400, 3_600], busyRounds: 0 },
    });
    try {
      await bench.mirror.ready;
      const verdict = await bench.one(offer);
      expect(verdict).to.include({ kind: 'mismatch', reason: null });
      expect(verdict.rechecks).to.have.length(3);
    } finally {
      await bench.close();
    }
  });

  it('is lost where its worker says nothing of it for verifier.jobMs', async () => {
    answers = false;
    const bench = new MirrorBench(primary.url, twin.url, { jobMs: 300 });
    try {
      await bench.mirror.ready;
      expect(await bench.one(offer)).to.include({
        kind: 'skipped',
        reason: 'verifier_error',
        detail: 'no verdict within 300 ms',
      });
    } finally {
      await bench.close();
    }
  });
});

function fieldsOf(rule: (typeof thingsRoutes)[number]['comparator']['body']): Parameters<typeof object>[0] {
  return rule.rule === 'object' ? { ...rule.fields } : {};
}
