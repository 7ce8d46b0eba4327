import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runChild } from '../src/amanat/demo/child.ts';
import { commandLine } from '../src/cli.ts';
import { runCommand as run } from './support/run-command.ts';

describe('the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-cli-'));
  const file = (text: string): string => {
    const path = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
    writeFileSync(path, text);
    return path;
  };
  after(() => rmSync(folder, { recursive: true }));

  it('helps, with examples and exit statuses', async () => {
    const { status, out } = await run(['--help']);
    expect(status).to.equal(0);
    expect(out).to.match(/Exit status: 0 yes, 1 no, 2 could not decide, 64/);
    for (const name of [
      'demo',
      'proxy',
      'twin',
      'reference',
      'backfill',
      'verify',
      'reconcile',
      'repair',
      'drain',
      'gaps',
      'status',
      'gate',
      'decisions',
      'flip',
      'rollback',
      'report',
      'fingerprints',
      'epoch',
      'mismatches',
      'mismatch',
      'recheck',
      'replay',
      'watch',
      'config',
      'prune',
      'simulate',
    ]) {
      expect(out, name).to.contain(`  ${name} `);
    }
    const gate = await run(['gate', '--help']);
    expect(gate.out).to.contain('shadowread gate payments');
  });

  it('reconcile of an API that declares no sums says so, and asks no store', async () => {
    const mapped = file('mappings: [{ collection: books, table: books, key: old_id, fields: { title: text } }]\n');
    const stores = { MIGRATION_PG_URL: 'postgres://127.0.0.1:1/none', MONGODB_URI: 'mongodb://127.0.0.1:1/none' };
    const { status, err } = await run(['reconcile', '--config', mapped], stores);
    expect([status, err]).to.deep.equal([
      64,
      'SHADOW_CONFIG: the API declares no sums, so there is nothing to reconcile; expected sums in a mapping, which name an amount and the fields that it is grouped by; found none in the mappings of books; for example: mappings: [{ collection: books, …, sums: [{ amount: price, by: [author] }] }]\n',
    ]);
  });

  describe('says on stderr, terminal or not, that it takes the API of the example', () => {
    const journal = { SHADOWREAD_JOURNAL_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const stores = {
      MIGRATION_PG_URL: 'postgres://nobody@127.0.0.1:1/none',
      MONGODB_URI: 'mongodb://127.0.0.1:1/none',
    };
    const falling: readonly (readonly [argv: readonly string[], environment: Record<string, string>])[] = [
      [['gate', 'nothing'], journal],
      [['decisions', 'nothing'], journal],
      [['epoch', 'new', 'nothing', '--reason', 'because'], journal],
      [['flip', 'nothing'], journal],
      [['rollback', 'nothing'], journal],
      [['report', '--domain', 'nothing'], journal],
      [['backfill', '--domain', 'nothing'], stores],
    ];
    for (const [argv, environment] of falling) {
      it(argv.slice(0, 1).join(), async () => {
        const said = await run([...argv, '--json'], environment);
        expect(said.err).to.match(/^SHADOW_.*\nno config file is given: the API is the built-in example amanat \(/);
        expect(said.out).to.equal('');
        const empty = file('admin:\n  port: 9464\n');
        expect((await run(['--config', empty, ...argv], environment)).err).to.contain(
          `${empty} names no API: the API is`,
        );
        expect((await run([...argv, '--json'], { ...environment, SHADOWREAD_ROUTES: 'amanat' })).err).not.to.contain(
          'example',
        );
      });
    }
  });

  it('helps on a terminal of 60 columns, with defaults that their options take', () => {
    for (const command of commandLine(() => undefined).commands) {
      command.configureOutput({ getOutHelpWidth: () => 60 });
      const [options = ''] = command.helpInformation().split('\n\nExit status');
      expect(options.split('\n').filter((line) => line.length > 60 && !line.startsWith('Usage: '))).to.deep.equal([]);
      for (const { argChoices, defaultValue, long } of command.options)
        if (argChoices !== undefined && defaultValue !== undefined)
          expect(argChoices, `${command.name()} ${long}`).to.include(defaultValue);
    }
  });

  type Wrong = readonly [
    what: string,
    argv: () => readonly string[],
    code: string,
    says: RegExp,
    environment?: Record<string, string>,
  ];
  const wrong: readonly Wrong[] = [
    ['an unknown command', () => ['frobnicate'], 'SHADOW_USAGE', /unknown command 'frobnicate'/],
    ['help on one', () => ['help', 'proxi'], 'SHADOW_USAGE', /unknown command 'proxi'\n\(Did you mean proxy\?\)/],
    ['an unknown option', () => ['gate', '--frob'], 'SHADOW_USAGE', /unknown option/],
    ...(
      [
        ['learn', '--concurrency'],
        ['learn', '--pairs'],
        ['learn', '--min'],
        ['backfill', '--batch'],
        ['verify', '--rate'],
        ['mismatches', '--limit'],
        ['proxy', '--processes'],
      ] as const
    ).map(
      ([command, option]): Wrong => [
        `${command} ${option} 0, by which nothing would be done`,
        () => [command, option, '0'],
        'SHADOW_USAGE',
        /a whole number from 1 on/,
      ],
    ),
    ['a port that there is not', () => ['twin', '--port', '65536'], 'SHADOW_USAGE', /a port from 0 to 65535/],
    [
      'a format that there is not',
      () => ['report', '--format', 'xml'],
      'SHADOW_USAGE',
      /Allowed choices are table, json/,
    ],
    [
      'no primary',
      () => ['proxy'],
      'SHADOW_PRIMARY',
      /expected primary\.url in the config, or SHADOWREAD_PRIMARY_URL; found neither/,
    ],
    [
      'a URL that is none',
      () => ['proxy'],
      'SHADOW_CONFIG',
      /primary\.url \(from SHADOWREAD_PRIMARY_URL\): expected an http/,
      { SHADOWREAD_PRIMARY_URL: 'mongo' },
    ],
    ['a config that is not there', () => ['proxy', '--config', '/nowhere/x.yaml'], 'SHADOW_CONFIG', /cannot be read/],
    [
      'a config with a wrong key',
      () => ['config', 'check', file('shadow:\n  smaple: 1\n')],
      'SHADOW_CONFIG',
      /:2: shadow\.smaple: there is no such option/,
    ],
    [
      'a config with a wrong type',
      () => ['config', 'check', file('limits: { queue: many }\n')],
      'SHADOW_CONFIG',
      /:1: limits\.queue: expected a number; found "many"/,
    ],
    [
      'an override of a route that matches nothing',
      () => ['config', 'check', file('routes: { overrides: { "GET /nowhere": { paused: true } } }\n')],
      'SHADOW_CONFIG',
      /SHADOW_ROUTE: expected a route of the table/,
    ],
    [
      'an unknown domain in the config',
      () => ['config', 'check', file('routes: { table: amanat }\ndomains: { nowhere: { stage: off } }\n')],
      'SHADOW_CONFIG',
      /SHADOW_DOMAIN: expected one of payments/,
    ],
    [
      'an unknown domain',
      () => ['gate', 'nowhere'],
      'SHADOW_DOMAIN',
      /expected one of payments/,
      { SHADOWREAD_JOURNAL_URL: 'postgres://nobody@127.0.0.1:9/x' },
    ],
    ['a gate without a journal', () => ['gate', 'payments'], 'SHADOW_USAGE', /needs SHADOWREAD_JOURNAL_URL/],
    ['a twin without its Postgres', () => ['twin'], 'SHADOW_USAGE', /needs MIGRATION_PG_URL/],
    ['a backfill without Postgres', () => ['backfill'], 'SHADOW_USAGE', /needs MIGRATION_PG_URL/],
    [
      'a reference API whose MongoDB is not there',
      () => ['reference', '--port', '0'],
      'SHADOW_MONGO',
      /MongoDB cannot be opened/,
      { MONGODB_URI: 'mongodb://127.0.0.1:9/x' },
    ],
    [
      'a backfill whose Postgres is not there',
      () => ['backfill'],
      'SHADOW_POSTGRES',
      /./,
      { MONGODB_URI: 'mongodb://127.0.0.1:9/x', MIGRATION_PG_URL: 'postgres://nobody@127.0.0.1:9/x' },
    ],
    [
      'an admin port that is open without a token',
      () => ['proxy', '--config', file('admin: { host: 0.0.0.0, port: 0 }\nlisten: { port: 0 }\n')],
      'SHADOW_CONFIG',
      /only with a token/,
      { SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9' },
    ],
    [
      'a key that is too short',
      () => ['proxy', '--config', file(`evidence: { keyFile: "${file('short')}" }\n`)],
      'SHADOW_CONFIG',
      /at least 16 characters/,
      { SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9' },
    ],
    [
      'replay without the key',
      () => ['replay'],
      'SHADOW_KEY',
      /SHADOWREAD_EVIDENCE_KEY/,
      { SHADOWREAD_JOURNAL_URL: 'postgres://nobody@127.0.0.1:9/x' },
    ],
    [
      'a change stream that is not followed',
      () => ['drain', '--source', 'changestream'],
      'SHADOW_USAGE',
      /--follow with --source changestream/,
    ],
    ['outboxes from a new beginning', () => ['drain', '--follow', '--restart'], 'SHADOW_USAGE', /only with --source/],
    [
      'a watch of nobody',
      () => ['watch', '--once', '--admin', 'http://127.0.0.1:9'],
      'SHADOW_REFUSED',
      /a running proxy/,
    ],
  ];
  const COULD_NOT_DECIDE = new Set([
    'replay without the key',
    'a backfill whose Postgres is not there',
    'a watch of nobody',
  ]);
  for (const [what, argv, code, says, environment] of wrong) {
    it(`${what}: one sentence with a code, and its exit status`, async () => {
      const { status, err, out } = await run(argv(), environment);
      expect(err).to.match(says);
      expect(err.startsWith(`${code}: `), err).to.equal(true);
      expect(status).to.equal(COULD_NOT_DECIDE.has(what) ? 2 : 64);
      expect(out).to.equal('');
    });
  }

  for (const processes of ['1', '2']) {
    it(`a port in use, with --processes ${processes}: says which, what to do, and ends`, async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      const { port } = taken.address() as AddressInfo;
      const config = file(`listen: { host: 127.0.0.1, port: ${port} }\nadmin: { port: 0 }\n`);
      const { status, err } = await runChild(['proxy', '--config', config, '--processes', processes], {
        SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
      });
      await new Promise((resolve) => taken.close(resolve));
      expect(status).to.equal(64);
      expect(err).to.match(new RegExp(`^SHADOW_PORT_IN_USE: .*${port}`));
    });
  }

  it('a side that is the proxy itself: says which, and does not serve', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const config = file(`listen: { host: 127.0.0.1, port: ${port} }\nadmin: { port: 0 }\n`);
    const itself = `http://localhost:${port}`;
    for (const [side, primary, twin] of [
      ['primary', itself, 'http://127.0.0.1:9'],
      ['twin', 'http://127.0.0.1:9', itself],
    ] as const) {
      const { status, err } = await run(['proxy', '--config', config], {
        SHADOWREAD_PRIMARY_URL: primary,
        SHADOWREAD_TWIN_URL: twin,
      });
      expect(err).to.match(new RegExp(`^SHADOW_CONFIG: the ${side} is the proxy itself`));
      expect(status).to.equal(64);
    }
    const learning = await run(['learn', '--config', config, '--for', '1s'], {
      SHADOWREAD_PRIMARY_URL: itself,
      SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9',
    });
    expect(learning.err).to.match(/^SHADOW_CONFIG: the primary is the proxy itself/m);
  });

  it('prints the effective config', async () => {
    const secret = 'a token that nobody sees';
    const shown = await run([
      'config',
      'check',
      '--json',
      file(`admin: { token: ${secret} }\njournal: { url: "postgres://u:pass-word@h/d" }\n`),
    ]);
    expect(shown.status).to.equal(0);
    expect(shown.out).to.not.match(/nobody sees|pass-word/);
    const { status, out } = await run(['config', 'check', file('limits: { queue: 7 }\n')]);
    expect(status).to.equal(0);
    expect(out).to.match(/queue: 7/);
  });
});
