import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { comparisonJunit } from '../../src/cli/compare/junit.ts';
import { comparisonMarkdown } from '../../src/cli/compare/markdown.ts';
import { comparisonTable } from '../../src/cli/compare/table.ts';
import type { Report } from '../../src/traffic/report.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { startTwoSides, type TwoSides, thing } from './two-sides.ts';

const logLine = (request: string, at = '26/Nov/2026:10:00:00 +0000'): string =>
  `1.1.1.1 - - [${at}] "${request} HTTP/1.1" 200 1 "-" "agent"`;

describe('shadowread compare', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-compare-'));
  let sides: TwoSides;
  let number = 0;
  const file = (text: string): string => {
    number += 1;
    const path = join(folder, `traffic-${number}`);
    writeFileSync(path, text);
    return path;
  };
  const log = (...requests: string[]): string => file(requests.map((request) => logLine(request)).join('\n'));
  const compare = async (args: readonly string[], config = sides.config) => {
    const state = args.includes('--state') ? [] : ['--state', join(folder, `state-${number}`)];
    const ran = await runCommand(['--config', config, 'compare', '--rate', '0', ...state, ...args]);
    return { ...ran, report: (): Report => JSON.parse(ran.out) };
  };
  const begin = async (...given: Parameters<typeof startTwoSides>): Promise<void> => {
    sides = await startTwoSides(...given);
  };
  afterEach(() => sides.close());
  after(() => rmSync(folder, { recursive: true }));

  it('asks both sides for every read, once, and for nothing else', async () => {
    await begin();
    const traffic = log(
      'GET /things/1',
      'HEAD /things/2?x=%20y',
      'POST /things/3',
      'DELETE /things/1',
      'DELETE /things/2',
      'GET /elsewhere/64b000000000000000000001',
      'GET /things/3',
    );
    const { status, report } = await compare([traffic, '--json']);
    expect(status).to.equal(0);
    for (const side of [sides.primary, sides.twin]) {
      expect(side.seen.map(({ method, target }) => `${method} ${target}`).sort()).to.deep.equal([
        'GET /things/1',
        'GET /things/3',
        'HEAD /things/2?x=%20y',
      ]);
      for (const { headers } of side.seen) {
        expect(headers['x-shadow-read']).to.equal('1');
        expect(headers.host).to.equal(new URL(sides.primary.url).host);
        expect(headers['user-agent']).to.equal('agent');
      }
    }
    const { survey, verdicts, outcome, routesCompared, routesKnown } = report();
    expect({ verdicts, outcome, routesCompared, routesKnown }).to.deep.equal({
      verdicts: { match: 3 },
      outcome: 'match',
      routesCompared: 1,
      routesKnown: 3,
    });
    expect(survey).to.deep.include({ requests: 7, selected: 3, writes: 3, unknown: 1 });
    expect(survey.writesByName).to.deep.equal([
      { name: 'DELETE /things/:id', n: 2 },
      { name: 'POST /things/:id', n: 1 },
    ]);
    expect(survey.unknownByName).to.deep.equal([{ name: 'GET /elsewhere/:id', n: 1 }]);
  });

  it('asks POST routes that are declared to be reads, with their bodies', async () => {
    await begin();
    const traffic = file(
      '{"method":"POST","target":"/things/search","body":{"id":"5"}}\n{"method":"POST","target":"/things/5","body":{"id":"5"}}\n',
    );
    const { status } = await compare([traffic]);
    expect(status).to.equal(0);
    for (const side of [sides.primary, sides.twin]) {
      expect(side.seen.map(({ method, target, body }) => `${method} ${target} ${body}`)).to.deep.equal([
        'POST /things/search {"id":"5"}',
      ]);
    }
  });

  it('finds what differs, the worst first, with the line it stands on', async () => {
    await begin((id, right) => {
      if (id === '2') return { ...right, amount: '12.51' };
      return Number(id) >= 5 ? { ...right, name: 'another' } : right;
    });
    const traffic = log(...Array.from({ length: 8 }, (_, i) => `GET /things/${i + 1}`));
    // One after the other, else any of the four may be the first that differs in its name.
    const json = await compare([traffic, '--json', '--concurrency', '1']);
    expect(json.status).to.equal(1);
    const { wrong, mismatchRate, why } = json.report();
    expect(mismatchRate).to.equal(5 / 8);
    expect(why).to.deep.equal(['5 reads differ']);
    expect(wrong.map(({ n, fatal, path, example }) => [n, fatal, path, example.line])).to.deep.equal([
      [1, true, '/amount', 2],
      [4, false, '/name', 5],
    ]);
    expect(wrong[0]?.measure).to.deep.equal({ of: 'number', delta: '1', unit: 'USD 1e-2' });
    expect(JSON.stringify(json.report())).to.not.match(/12\.51|another/);

    const table = comparisonTable(json.report());
    expect(table).to.match(/1 × GET \/things\/:id, money or identity[\s\S]*4 × GET \/things\/:id/);
    expect(table).to.match(/traffic-\d+:2: GET/);

    const markdown = await compare([traffic, '--format', 'markdown']);
    expect(markdown.out).to.match(/^### ❌ Twin compared with recorded traffic: MISMATCH/);
    expect(markdown.out.indexOf('/amount')).to.be.below(markdown.out.indexOf('/name'));

    const junit = comparisonJunit(json.report());
    expect(junit).to.match(/<testsuites name="shadowread compare" tests="2" failures="2" errors="0" skipped="0">/);
    expect(junit).to.match(/<failure type="failure" message="5 of 8 reads differ">/);
  });

  it('asks a twin behind a path, and refuses an address with a query', async () => {
    await begin();
    const traffic = log('GET /things/1');
    const behind = await compare([traffic, '--json', '--twin', `${sides.twin.url}/shop/`]);
    expect(behind.status).to.not.equal(64);
    expect(sides.twin.seen[0]?.target).to.equal('/shop/things/1');
    expect((await compare([traffic, '--twin', `${sides.twin.url}/?a=1`])).status).to.equal(64);
    expect((await compare([traffic, '--primary', `${sides.primary.url}/v1`])).status).to.equal(64);
  });

  it('counts a twin that fails as a no, and one that is not there as too little to say', async () => {
    await begin((id, right) => (id === '1' ? 500 : right));
    const failing = await compare([log('GET /things/1', 'GET /things/2'), '--json']);
    expect(failing.status).to.equal(1);
    expect(failing.report().failures).to.have.length(1);
    await sides.twin.close();
    const gone = await compare([log('GET /things/1'), '--json']);
    expect(gone.status).to.equal(2);
    expect(gone.report().why.join()).to.match(/0 compared, at least 1 wanted.*came to nothing/);
  });

  it('ends when a side is gone, and says which', async () => {
    await begin();
    const traffic = log(...Array.from({ length: 400 }, (_, i) => `GET /things/${i}`));
    await sides.twin.close();
    const withoutTwin = await compare([traffic, '--json', '--patience', '1']);
    expect([withoutTwin.status, withoutTwin.report().end]).to.deep.equal([2, 'twin_gone']);
    expect(withoutTwin.report().why).to.include('the twin does not answer');
    expect(sides.primary.seen.length).to.be.below(400);

    await sides.primary.close();
    const asked = sides.primary.seen.length;
    const withoutPrimary = await compare([traffic, '--json', '--restart', '--concurrency', '4']);
    expect([withoutPrimary.status, withoutPrimary.report().end]).to.deep.equal([2, 'primary_gone']);
    expect(withoutPrimary.report().why).to.include('the primary does not answer');
    expect(withoutPrimary.report().asked).to.be.within(20, 40);
    expect(sides.primary.seen.length).to.equal(asked);
  });

  it('goes on with what the twin answers where it fails for one caller or on one route', async () => {
    // 60 reads of a tenant whose breaker opens, in front of 20 of another.
    const twin = ', breaker: { windowMs: 600000 }';
    await begin((id, right) => (id.startsWith('bad') ? 500 : right), { twin });
    const request = (id: string, key: string) =>
      JSON.stringify({ method: 'GET', url: `/things/${id}`, headers: { 'x-api-key': key } });
    const traffic = file(
      [
        ...Array.from({ length: 25 }, (_, i) => request(`first-${i}`, 'good')),
        ...Array.from({ length: 60 }, (_, i) => request(`bad-${i}`, 'bad')),
        ...Array.from({ length: 20 }, (_, i) => request(`last-${i}`, 'good')),
      ].join('\n'),
    );
    const { status, report } = await compare([traffic, '--json', '--patience', '1', '--concurrency', '4']);
    const { end, verdicts, why, failures } = report();
    expect([status, end, verdicts.match]).to.deep.equal([1, 'done', 45]);
    expect(why.join()).to.not.include('the twin does not answer');
    expect((verdicts['twin_error:status_5xx'] ?? 0) + (verdicts['skipped:breaker_open'] ?? 0)).to.equal(60);
    expect(failures.map(({ verdict, detail }) => [verdict, detail])).to.deep.include([
      'skipped:breaker_open',
      'the twin fails, and is not asked: GET /things/:id: status_5xx for 1 caller',
    ]);
  });

  it('says when there is too little to say', async () => {
    await begin();
    const traffic = log('GET /things/1', 'GET /things/2');
    for (const [more, why] of [
      [
        ['--min', '3', '--routes-seen', '2'],
        /2 compared, at least 3 wanted \(--min\).*1 route compared, at least 2 of 3 wanted/,
      ],
      [['--until', '2020-01-01', '--routes-seen', '80%'], /0 compared.*0 routes compared, at least 3 of 3 wanted/],
    ] as const) {
      const { status, report } = await compare([traffic, '--json', ...more]);
      expect([status, report().outcome]).to.deep.equal([2, 'undecided']);
      expect(report().why.join()).to.match(why);
    }
    expect((await compare([file('')])).status).to.equal(2);
  });

  it('refuses options that cannot be meant', async () => {
    await begin();
    for (const [args, why] of [
      [['--as', 'har', '--log-format', '$request'], /--log-format is for access logs/],
      [['--host', 'a b'], /--host names no host/],
      [['--since', '2026-02-31'], /--since is no time/],
      [['--rate', '1e3'], /expected a number/],
    ] as const) {
      const { status, err } = await compare([log('GET /things/1'), ...args]);
      expect([status, why.test(err)], err).to.deep.equal([64, true]);
    }
    expect((await compare([log('GET /things/1'), '--rate', '0.5', '--dry-run'])).status).to.equal(0);
  });

  it('says that a file holds reads of several hosts', async () => {
    await begin();
    const traffic = log('GET http://a.example/things/1', 'GET https://b.example:443/things/2', 'GET /things/3');
    const { out, report } = await compare([traffic, '--json']);
    expect(report().survey.hosts, out).to.deep.equal([
      { name: 'a.example', n: 1 },
      { name: 'b.example', n: 1 },
    ]);
    expect((await compare([traffic, '--dry-run'])).out).to.match(
      /sent to 2 hosts: a\.example \(1\), b\.example \(1\); --host/,
    );
    expect((await compare([traffic, '--dry-run', '--host', 'a.example'])).out).to.not.match(/hosts:/);
  });

  it('pairs ids for each host where the config says so, and only there', async () => {
    const twinIds = (id: string, right: Record<string, unknown>, host: string) => ({
      ...right,
      _id: `${host.startsWith('a.') ? 'a' : 'b'}${id}`,
    });
    const lines = ['1', '2', '1', '2', '3', '2'].flatMap((id) =>
      ['a', 'b'].map((tenant) => `GET http://${tenant}.example/things/${id}`),
    );
    const rules =
      'rules: { object: { _id: { ref: things }, name: text, amount: { money: { currency: USD } }, at: instant } }';
    for (const [per, mismatch] of [
      [', per: host', 0],
      ['', 6],
    ] as const) {
      await begin(twinIds, {
        rules,
        twin: ', representation: twin',
        more: `ids: { things: { by: consistent${per} } }\n`,
      });
      const { report } = await compare([log(...lines), '--concurrency', '1', '--json']);
      expect(report().verdicts.mismatch ?? 0).to.equal(mismatch);
      if (per !== '') await sides.close();
    }
    const refused = sides.config.replace('config.yaml', 'refused.yaml');
    writeFileSync(refused, readFileSync(sides.config, 'utf8').replace('by: consistent', 'by: same, per: host'));
    const { status, err } = await compare([log('GET /things/1')], refused);
    expect(status).to.equal(64);
    expect(err).to.match(/ids\.things.*`per` with `by: consistent`/);
  });

  it('says at which host a difference was found, and which reads name none', async () => {
    await begin((id, right) => (id === '2' ? { ...right, name: 'wrong' } : right));
    const traffic = log('GET http://a.example/things/1', 'GET https://b.example:443/things/2', 'GET /things/3');
    const { report } = await compare([traffic, '--json']);
    expect(report().survey).to.deep.include({ hostUnknown: 1, withoutHost: 0 });
    expect(report().wrong[0]?.example).to.deep.include({ host: 'b.example' });
    for (const written of [comparisonTable, comparisonMarkdown, comparisonJunit])
      expect(written(report())).to.match(/:2 \\?\(b\.example\\?\)/);
    const { out } = await compare([traffic, '--dry-run', '--host', 'c.example']);
    expect(out).to.match(/3 to other hosts \(of 1 the file names none: .*--header 'Host: …'/);
  });

  it('says what to do where the twin takes no recorded credentials, or both sides know no Host', async () => {
    await begin((id) => (id === '1' ? 401 : 404), { both: (id, right) => (id === '3' ? 421 : right) });
    const refused = await compare([log('GET /things/1'), '--json']);
    expect(refused.status).to.equal(1);
    for (const written of [comparisonTable, comparisonMarkdown])
      expect(written(refused.report())).to.match(/the twin refuses 1 read .*--header 'twin:Authorization/);
    const missing = await compare([log('GET /things/2'), '--json']);
    expect(comparisonTable(missing.report())).to.not.match(/refuses/);
    expect((await compare([log('GET /things/3'), '--json'])).report().why.join()).to.match(
      /1 × 421; the recording names no Host: --header 'Host: …'/,
    );
    const named = await compare([log('GET http://a.example/things/3'), '--json']);
    expect(named.report().why.join()).to.not.match(/names no Host/);
  });

  it('takes errors on both sides for too little to say, and says which', async () => {
    await begin((_id, right) => right, { both: (id, right) => (id.startsWith('9') ? 401 : right) });
    const errors = await compare([log('GET /things/91', 'GET /things/92'), '--json']);
    expect(errors.status).to.equal(2);
    expect(errors.report()).to.deep.include({ compared: 2, routesCompared: 0, agreedInError: { 401: 2 } });
    expect(errors.report().why).to.deep.equal([
      '0 compared, at least 1 wanted (--min): both sides answered 2 reads with an error (2 × 401; --header adds credentials)',
    ]);
    const mixed = [log('GET /things/91', 'GET /things/2')];
    expect((await compare(mixed)).status).to.equal(0);
    expect((await compare([...mixed, '--min', '2'])).status).to.equal(2);
    const junit = await compare([log('GET /things/91'), '--format', 'junit']);
    expect(junit.out).to.match(
      /name="GET \/things\/:id"[^>]*>\s*<error [^>]*nothing but errors on both sides \(1 × 401\)/,
    );
    for (const written of [comparisonTable, comparisonMarkdown])
      expect(written(errors.report())).to.match(/nothing but errors/);
  });

  it('asks no POST whose body the file does not hold', async () => {
    await begin();
    const { status, report } = await compare([log('POST /things/search', 'GET /things/1'), '--json']);
    expect(status).to.equal(0);
    expect(report().survey).to.deep.include({ withoutBody: 1, selected: 1, writes: 0 });
    expect(sides.primary.seen.map(({ method }) => method)).to.deep.equal(['GET']);
  });

  for (const [what, args, wanted, left] of [
    ['one of each question', ['--distinct'], ['1', '2', '3'], { repeated: 3 }],
    ['so many of each route', ['--per-route', '2'], ['1', '2'], { beyondPerRoute: 4 }],
    [
      'a span of time',
      ['--since', '2026-11-26T10:00:01Z', '--until', '2026-11-26T10:00:04Z'],
      ['2', '1', '3'],
      { outsideTime: 2, withoutTime: 1 },
    ],
    [
      'a span of time in other writings',
      ['--since', '1795687201', '--until', '26/Nov/2026:11:00:04 +0100'],
      3,
      { outsideTime: 2, withoutTime: 1 },
    ],
    ['one host', ['--host', 'a.example'], ['2'], { otherHosts: 5 }],
    ['one host, named by a URL', ['--host', 'https://A.example:8080/things'], 1, { otherHosts: 5 }],
  ] as const) {
    it(`takes ${what}`, async () => {
      await begin();
      const at = (second: number): string => `26/Nov/2026:10:00:0${second} +0000`;
      const traffic = file(
        [
          logLine('GET /things/1?a=1&b=2', at(0)),
          logLine('GET http://a.example:8080/things/2', at(1)),
          logLine('GET /things/1?b=2&a=1', at(2)),
          logLine('GET /things/3', at(3)),
          logLine('GET /things/3', at(4)),
          logLine('GET /things/3', '-'),
        ].join('\n'),
      );
      // Of another writing of the same only what it chooses is looked at.
      if (typeof wanted === 'number') {
        const { status, out } = await compare([traffic, '--json', '--dry-run', ...args]);
        expect(status).to.equal(0);
        expect(JSON.parse(out)).to.deep.include({ selected: wanted, ...left });
        return;
      }
      const { status, report } = await compare([traffic, '--json', '--concurrency', '1', ...args]);
      expect(status).to.equal(0);
      const asked = sides.primary.seen.map(({ target }) => /things\/(\d)/.exec(target)?.[1]);
      expect(asked).to.deep.equal(wanted);
      expect(report().survey).to.deep.include(left);
    });
  }

  it('samples and shuffles as the seed says', async () => {
    await begin();
    const traffic = log(...Array.from({ length: 60 }, (_, i) => `GET /things/${i}`));
    const asked = async (...args: string[]): Promise<string> => {
      sides.primary.seen.length = 0;
      expect((await compare([traffic, '--concurrency', '1', ...args])).status).to.equal(0);
      // A read that found no room on a busy machine is asked again.
      return [...new Set(sides.primary.seen.map(({ target }) => target))].join();
    };
    const sampled = await asked('--sample', '0.3', '--shuffle', '--seed', '7');
    expect(sampled.split(',').length).to.be.within(8, 30);
    expect(await asked('--sample', '0.3', '--shuffle', '--seed', '7')).to.equal(sampled);
    expect(await asked('--sample', '0.3', '--shuffle', '--seed', '8')).to.not.equal(sampled);
    expect(sampled.split(',').toSorted().join()).to.not.equal(sampled);
  });

  it('asks with the fields that each side was given', async () => {
    await begin();
    const traffic = file('{"target":"/things/1","headers":{"Authorization":"old","Host":"api.example","X-A":"1"}}');
    const fields = ['Authorization: Bearer new', 'twin:X-Env: ci', 'primary:X-A: 2'].flatMap((field) => [
      '--header',
      field,
    ]);
    expect((await compare([traffic, ...fields])).status).to.equal(0);
    const of = (side: TwoSides['primary']) => {
      const { authorization, host, 'x-env': environment, 'x-a': a } = side.seen[0]?.headers ?? {};
      return { authorization, host, environment, a };
    };
    expect(of(sides.primary)).to.deep.equal({
      authorization: 'Bearer new',
      host: 'api.example',
      environment: undefined,
      a: '2',
    });
    expect(of(sides.twin)).to.deep.equal({
      authorization: 'Bearer new',
      host: 'api.example',
      environment: 'ci',
      a: '1',
    });
  });

  it('lets recorded answers stand in for the primary, which is not asked', async () => {
    await begin();
    const entry = (id: string, answer: object | null): object => ({
      request: { method: 'GET', url: `https://h/things/${id}`, headers: [] },
      response:
        answer === null
          ? {}
          : {
              status: 200,
              headers: [{ name: 'content-type', value: 'application/json' }],
              content: { text: JSON.stringify(answer) },
            },
    });
    const traffic = file(
      JSON.stringify({
        log: {
          version: '1.2',
          entries: [entry('1', thing('1')), entry('2', { ...thing('2'), name: 'once' }), entry('3', null)],
        },
      }),
    );
    const { status, report } = await compare([traffic, '--primary', 'recorded', '--json']);
    expect(status).to.equal(1);
    expect(sides.primary.seen).to.deep.equal([]);
    expect(report().verdicts).to.deep.equal({ match: 1, mismatch: 1 });
    expect(report().survey.withoutAnswer).to.equal(1);
  });

  it('tells each line that is no request', async () => {
    await begin();
    const traffic = file(`${logLine('GET /things/1')}\nnonsense\n${logLine('GET /things/2')}\n`);
    const { status, out } = await compare([traffic]);
    expect(status).to.equal(0);
    expect(out).to.match(/traffic-\d+:2: no request line in quotes/);
  });

  it('stops when asked to, says what was found, and a second run goes on', async () => {
    await begin((id, right) => (id === '3' ? { ...right, name: 'another' } : right), { delayMs: () => 15 });
    const traffic = log(...Array.from({ length: 120 }, (_, i) => `GET /things/${i}`));
    const state = join(folder, 'interrupted.json');
    const first = compare([traffic, '--json', '--concurrency', '2', '--state', state]);
    await until(() => sides.primary.seen.length > 20);
    process.emit('SIGINT');
    const stopped = await first;
    expect(stopped.status).to.equal(1);
    expect(stopped.report().why).to.include('stopped before all was asked');
    expect(stopped.report().asked).to.be.within(10, 119);
    expect(readFileSync(state, 'utf8')).to.not.match(/another|thing 3/);
    const second = await compare([traffic, '--json', '--concurrency', '2', '--state', state]);
    expect(second.status).to.equal(1);
    expect(second.report()).to.deep.include({
      end: 'done',
      asked: 120,
      compared: 120,
      resumed: stopped.report().asked,
    });
    expect(second.report().verdicts).to.deep.equal({ match: 119, mismatch: 1 });
    expect(existsSync(state)).to.equal(false);
    const targets = new Set(sides.primary.seen.map(({ target }) => target));
    expect(targets.size).to.equal(120);
  });

  it('reports all the same where its progress cannot be kept, and says that once', async () => {
    await begin(undefined, { delayMs: () => 15 });
    const traffic = log(...Array.from({ length: 120 }, (_, i) => `GET /things/${i}`));
    const gone = mkdtempSync(join(tmpdir(), 'shadowread-gone-'));
    const running = compare([traffic, '--json', '--concurrency', '2', '--state', join(gone, 'state.json')]);
    await until(() => sides.primary.seen.length > 5);
    rmSync(gone, { recursive: true });
    process.emit('SIGINT');
    const { status, report, err } = await running;
    expect(status).to.equal(2);
    expect(report().end).to.equal('stopped');
    expect(err.match(/the progress is not kept/g)).to.have.length(1);
    expect(err).to.not.match(/run the same command/);
    const nowhere = await compare([traffic, '--state', join(gone, 'state.json')]);
    expect([nowhere.status, nowhere.err]).to.deep.equal([64, nowhere.err]);
    expect(nowhere.err).to.match(/--state names a file that cannot be written.*ENOENT/s);
    expect((await compare([traffic, '--state', tmpdir()])).err).to.match(
      /state of the comparison cannot be read.*EISDIR/s,
    );
  });

  it('does not go on in other traffic', async () => {
    await begin(undefined, { delayMs: () => 15 });
    const traffic = log(...Array.from({ length: 120 }, (_, i) => `GET /things/${i}`));
    const state = join(folder, 'changed.json');
    const first = compare([traffic, '--concurrency', '2', '--state', state]);
    await until(() => sides.primary.seen.length > 20);
    process.emit('SIGINT');
    expect((await first).status).to.equal(2);
    writeFileSync(traffic, Array.from({ length: 120 }, (_, i) => logLine(`GET /things/${i + 500}`)).join('\n'));
    const changed = await compare([traffic, '--concurrency', '2', '--state', state]);
    expect([changed.status, changed.err]).to.match(/64,.*not what the interrupted comparison began with/s);
    expect((await compare([traffic, '--state', state, '--restart'])).status).to.equal(0);
  });

  it('prints what it would send and sends nothing with --dry-run', async () => {
    await begin();
    const { status, out } = await compare([log('GET /things/1', 'PUT /things/1'), '--dry-run']);
    expect(status).to.equal(0);
    expect(out).to.match(/1 read to ask; left out: 1 write/);
    expect(sides.primary.seen).to.deep.equal([]);
  });

  it('compares by the shape of paths where asked to', async () => {
    await begin();
    const none = file(readFileSync(sides.config, 'utf8').replace(/^routes:[\s\S]*/m, ''));
    const { status, report } = await compare(
      [log('GET /things/1', 'GET /things/2'), '--json', '--routes', 'auto'],
      none,
    );
    expect(status).to.equal(0);
    expect(report().verdicts).to.deep.equal({ match: 2 });
  });

  it('refuses to compare where no route is known', async () => {
    await begin();
    const none = file('routes: { table: none }');
    const { status, err } = await compare([log('GET /things/1')], none);
    expect([status, err]).to.match(/^64,SHADOW_ROUTE: no route is known/);
  });

  for (const [what, args] of [
    ['no file', []],
    ['a file that is not there', ['/nowhere/at/all']],
    ['a header that is none', ['x', '--header', 'no colon']],
    ['a primary that is no address', ['x', '--primary', 'recordet']],
    ['a share that is none', ['x', '--routes-seen', '800%']],
    ['a time that is none', ['x', '--since', 'yesterday']],
    ['a span that ends before it begins', ['x', '--since', '2026-01-02', '--until', '2026-01-01']],
    ['stdin twice', ['-', '-']],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await begin();
      const { status, err } = await compare(args);
      expect([status, err]).to.match(/^64,SHADOW_USAGE/);
    });
  }
});
