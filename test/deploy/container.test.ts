import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { startProxyProcess } from '../support/proxy-process.ts';
import { isEnvironmentName, ROOT, read } from './product.ts';

/** The instructions of the Dockerfile, joined over line ends, by stage. */
const stages = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, ' ')
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((text) => text.trim().split('\n'));
const last = stages.at(-1) ?? [];
const argumentsOf = (instruction: string): string =>
  last
    .find((line) => line.trim().startsWith(`${instruction} `))
    ?.trim()
    .slice(instruction.length + 1) ?? '';

describe('the Dockerfile', () => {
  it('copies only what there is and what .dockerignore lets through', () => {
    const passed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = stages
      .flat()
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied).to.include.members(['package.json', 'package-lock.json', 'src', 'config', 'bin']);
    for (const path of copied) {
      expect(existsSync(join(ROOT, path)), path).to.equal(true);
      expect(
        passed.some((pattern) => pattern.replace(/\/\*\.ts$/, '') === path),
        path,
      ).to.equal(true);
    }
  });

  it('brings no package that only demo or tests need', () => {
    const install = stages[1]?.find((line) => line.includes('npm ci')) ?? '';
    expect(install).to.include('--omit=dev --omit=optional');
    expect(last.join('\n'))
      .to.include('COPY --from=dependencies')
      .and.not.match(/npm (ci|install)/);
  });

  it('is not root, and says which ports the product has', () => {
    const { listen, admin } = loadConfig(null, {}).config;
    expect(argumentsOf('USER')).to.equal('1000:1000');
    expect(argumentsOf('EXPOSE')).to.equal(`${listen.port} ${admin.port}`);
  });

  it('lays files where the entry point and the build look for them', () => {
    const [, program] = JSON.parse(argumentsOf('ENTRYPOINT')) as string[];
    expect(program).to.equal('/app/node_modules/shadowread/bin/shadowread.js');
    // As of an installed package: bin/ and dist/ side by side below node_modules.
    expect(last).to.include.members([
      'COPY --from=build /build/dist ./node_modules/shadowread/dist',
      'COPY bin ./node_modules/shadowread/bin',
    ]);
    expect(JSON.parse(argumentsOf('CMD'))).to.deep.equal(['proxy']);
  });

  it('has a health check that passes beside a proxy and fails beside none', async () => {
    const [, ...command] = JSON.parse(/CMD (\[.*\])$/.exec(argumentsOf('HEALTHCHECK'))?.[1] ?? '[]') as string[];
    const check = (port: string): number | null =>
      spawnSync(process.execPath, command, { env: { ...process.env, SHADOWREAD_ADMIN_PORT: port } }).status;
    const proxy = await startProxyProcess({ SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9' });
    const { port } = new URL(proxy.admin);
    try {
      expect(check(port)).to.equal(0);
    } finally {
      await proxy.stop();
    }
    expect(check(port)).to.equal(1);
  });
});

interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly [key: string]: unknown;
}

describe('compose.yaml', () => {
  const { services, volumes }: { services: Record<string, ComposeService>; volumes: Record<string, null> } = parse(
    read('compose.yaml'),
    { merge: true },
  );
  const ours = Object.entries(services).filter(([, { image }]) => image === 'shadowread:local');

  it('has every part of the real stack', () => {
    expect(Object.keys(services)).to.include.members(
      'mongo postgres reference twin backfill drain shadowread traffic collector jaeger prometheus grafana'.split(' '),
    );
  });

  it('waits for services that there are, in a way that they can fulfil', () => {
    for (const [name, { depends_on = {} }] of Object.entries(services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const awaited = services[other];
        expect(awaited, `${name} waits for ${other}`).not.to.equal(undefined);
        // The image brings a check of its own, which is that of the proxy.
        if (condition === 'service_healthy')
          expect(awaited?.healthcheck?.test ?? (other === 'shadowread' ? [] : null), other).to.be.an('array');
      }
    }
  });

  it('mounts files that there are, and volumes that it declares', () => {
    for (const [name, { volumes: mounts = [] }] of Object.entries(services)) {
      for (const mount of mounts) {
        const [from = ''] = mount.split(':');
        const there = from.startsWith('./') ? existsSync(join(ROOT, from)) : Object.hasOwn(volumes, from);
        expect(there, `${name}: ${mount}`).to.equal(true);
      }
    }
  });

  it('runs ours without rights, with a read-only root', () => {
    expect(ours.map(([name]) => name)).to.have.members([
      'reference',
      'twin',
      'backfill',
      'drain',
      'shadowread',
      'traffic',
    ]);
    for (const [, service] of ours)
      expect(service).to.deep.include({
        read_only: true,
        tmpfs: ['/tmp'],
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  it('sets no variable that nothing reads, and a config that the product takes', () => {
    for (const [name, { environment = {} }] of ours)
      for (const variable of Object.keys(environment))
        expect(isEnvironmentName(variable), `${name}: ${variable}`).to.equal(true);
    const environment = Object.fromEntries(
      Object.entries(services.shadowread?.environment ?? {}).map(([name, value]) => [
        name,
        value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
      ]),
    );
    const file = environment.SHADOWREAD_CONFIG?.replace('/app/node_modules/shadowread/', '') ?? '';
    const { config } = loadConfig(join(ROOT, file), environment);
    expect(config.admin.host).to.equal('0.0.0.0');
    const ports = services.shadowread?.ports ?? [];
    expect(ports.map((port) => Number(port.split(':').at(-1)))).to.deep.equal([config.listen.port, config.admin.port]);
  });

  it('sends each to where another serves', () => {
    const { environment = {} } = services.shadowread ?? {};
    for (const [variable, side] of [
      ['SHADOWREAD_PRIMARY_URL', 'reference'],
      ['SHADOWREAD_TWIN_URL', 'twin'],
    ] as const) {
      const { hostname, port } = new URL(environment[variable] ?? '');
      expect(hostname).to.equal(side);
      const { command = [] } = services[side] ?? {};
      expect(command[command.indexOf('--port') + 1]).to.equal(port);
    }
    const targets = parse(read('otel/prometheus.yml')).scrape_configs.flatMap(
      (one: { static_configs: { targets: string[] }[] }) => one.static_configs.flatMap(({ targets }) => targets),
    );
    expect(targets).to.deep.equal(['shadowread:9464']);
  });
});
