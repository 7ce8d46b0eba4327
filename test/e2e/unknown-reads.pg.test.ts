import { request as httpRequest } from 'node:http';
import { expect } from 'chai';
import type { UnknownReads } from '../../src/types.ts';
import { freshJournal } from '../support/journal-database.ts';
import { startProxyProcess } from '../support/proxy-process.ts';
import { runCommand } from '../support/run-command.ts';
import { startSteadyPrimary, thingsConfig } from '../support/steady-primary.ts';
import { until } from '../support/until.ts';

/** With the target as it stands here: fetch would make another path of it. */
function read(proxy: string, path: string): Promise<number> {
  const { hostname, port } = new URL(proxy);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  httpRequest({ hostname, port, path }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode ?? 0));
  })
    .on('error', reject)
    .end();
  return promise;
}

describe('a hole in coverage', () => {
  it('is seen in the status, over all replicas and in the report: which paths pass unverified, without values', async () => {
    const [primary, url] = await Promise.all([startSteadyPrimary(), freshJournal()]);
    const environment = { SHADOWREAD_PRIMARY_URL: primary.url, SHADOWREAD_JOURNAL_URL: url };
    const config = `${thingsConfig()}journal: { flushMs: 100 }\n`;
    const replicas = await Promise.all([
      startProxyProcess(environment, config),
      startProxyProcess(environment, config, ['--processes', '2']),
    ]);
    try {
      for (const { url: proxy } of replicas)
        for (let n = 0; n < 6; n += 1)
          for (const path of [
            '/refunds/64b000000000000000000001?token=secret',
            '/things/1/',
            '/Things/1',
            '//things/1',
          ])
            expect(await read(proxy, path)).to.equal(200);
      const sums = await Promise.all(
        replicas.map(async (one) => (await one.until(({ unknown }) => unknown.reads >= 24)).unknown),
      );
      for (const one of sums) {
        expect(one.reads).to.equal(24);
        expect(one.paths.map(({ path, count, near }) => [path, count, near?.differs ?? null])).to.have.deep.members([
          ['/refunds/*', 6, null],
          ['/things/*/', 6, 'a slash at the end'],
          ['/Things/*', 6, 'upper and lower case'],
          ['//things/*', 6, 'an empty segment or a dot'],
        ]);
      }
      const [first] = replicas;
      const whole = () => first?.get<UnknownReads>('/api/unknown');
      await until(async () => (await whole())?.reads === 48, 100);
      expect((await whole())?.paths.map(({ count }) => count)).to.deep.equal([12, 12, 12, 12]);
      const asJson = await runCommand(['report', '--json', '--config', first?.configFile ?? ''], environment);
      expect(JSON.parse(asJson.out)).to.have.nested.property('unknown.reads', 48);
      const { out } = await runCommand(['report', '--config', first?.configFile ?? ''], environment);
      expect(out).to.contain('48 reads matched no route').and.contain('/refunds/*').and.not.contain('secret');
      expect(out).to.contain('a slash at the end (GET /things/:id)');
    } finally {
      await Promise.all(replicas.map((one) => one.stop()));
      await primary.close();
    }
  });
});
