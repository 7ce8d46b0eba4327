import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { expect } from 'chai';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { CronJob, type ICronJob } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import {
  ConfigMap,
  type IContainer,
  type IPodSpec,
  type IService,
  Service,
  ServiceAccount,
} from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { startProxyProcess } from '../support/proxy-process.ts';
import { type Manifest, render } from './kustomize.ts';
import { isEnvironmentName, ROOT } from './product.ts';

const PLACEMENTS = ['gateway', 'sidecar', 'sink'] as const;
const folderOf = (placement: string): string => join(ROOT, 'deploy', 'kubernetes', placement);
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

/** The API's own schemas, by kind; the module and type that name every field there is. */
const KINDS: Readonly<Record<string, readonly [(new (data: never) => { validate(): void }) | null, string, string]>> = {
  ConfigMap: [ConfigMap, 'kubernetes-models/v1', 'IConfigMap'],
  CronJob: [CronJob, 'kubernetes-models/batch/v1', 'ICronJob'],
  Deployment: [Deployment, 'kubernetes-models/apps/v1', 'IDeployment'],
  HorizontalPodAutoscaler: [HorizontalPodAutoscaler, 'kubernetes-models/autoscaling/v2', 'IHorizontalPodAutoscaler'],
  NetworkPolicy: [NetworkPolicy, 'kubernetes-models/networking.k8s.io/v1', 'INetworkPolicy'],
  PodDisruptionBudget: [PodDisruptionBudget, 'kubernetes-models/policy/v1', 'IPodDisruptionBudget'],
  Service: [Service, 'kubernetes-models/v1', 'IService'],
  ServiceAccount: [ServiceAccount, 'kubernetes-models/v1', 'IServiceAccount'],
  ServiceMonitor: [
    ServiceMonitor,
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
    'IServiceMonitor',
  ],
};

interface Placed {
  readonly manifests: readonly Manifest[];
  readonly pods: readonly { readonly labels: Readonly<Record<string, string>>; readonly spec: IPodSpec }[];
  readonly containers: readonly IContainer[];
  /** Text of the config that the pods read. */
  readonly config: string;
}

function placed(placement: string): Placed {
  const manifests = render(folderOf(placement));
  const templates = manifests.flatMap((one) => {
    if (one.kind === 'Deployment') return [(one as unknown as IDeployment).spec?.template];
    if (one.kind === 'CronJob') return [(one as unknown as ICronJob).spec?.jobTemplate.spec?.template];
    return [];
  });
  const pods = templates.flatMap((template) =>
    template?.spec === undefined ? [] : [{ labels: template.metadata?.labels ?? {}, spec: template.spec }],
  );
  const config = manifests.find(({ kind }) => kind === 'ConfigMap')?.data as Record<string, string>;
  return {
    manifests,
    pods,
    containers: pods.flatMap(({ spec }) => containersOf(spec)),
    config: config['shadowread.yaml'] ?? '',
  };
}

const containersOf = (pod: IPodSpec): IContainer[] => [...(pod.initContainers ?? []), ...pod.containers];
const ours = ({ image }: IContainer): boolean => image?.includes('/shadowread:') === true;

/** The config as it is read in the pod, with what only the pod has replaced. */
const loaded = (text: string, folder: string) => {
  const file = join(folder, 'shadowread.yaml');
  writeFileSync(file, text);
  return loadConfig(file, {}).config;
};

describe('deploy/kubernetes', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'shadowread-kubernetes-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const placement of PLACEMENTS) {
    describe(placement, () => {
      const { manifests, pods, containers, config } = placed(placement);

      it('holds by the schemas of the API', () => {
        for (const one of manifests) {
          const [Model] = KINDS[one.kind] ?? [null];
          if (Model === null) throw new Error(`no schema for ${one.kind}`);
          new Model(one as never).validate();
        }
      });

      it('is what kubectl renders', function () {
        if (!hasKubectl) return this.skip();
        const text = execFileSync('kubectl', ['kustomize', folderOf(placement)], { encoding: 'utf8' });
        const theirs = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
        const inOrder = (all: readonly Manifest[]): Manifest[] =>
          all.toSorted((a, b) => `${a.kind}/${a.metadata.name}`.localeCompare(`${b.kind}/${b.metadata.name}`));
        expect(inOrder(manifests)).to.deep.equal(inOrder(theirs));
      });

      it('has a config that the product takes', () => {
        const { listen, admin } = loaded(config, folder);
        for (const container of containers.filter(ours)) {
          if (container.ports === undefined) continue;
          expect(container.ports.map(({ name, containerPort }) => [name, containerPort])).to.deep.equal([
            ['http', listen.port],
            ['admin', admin.port],
          ]);
        }
      });

      it('sets no variable that nothing reads, and reads its config where it is mounted', () => {
        for (const { name, env, volumeMounts } of containers.filter(ours)) {
          for (const { name: variable } of env ?? []) expect(isEnvironmentName(variable), variable).to.equal(true);
          const file = env?.find((one) => one.name === 'SHADOWREAD_CONFIG')?.value ?? '';
          expect(
            volumeMounts?.some(({ mountPath }) => file.startsWith(`${mountPath}/`)),
            name,
          ).to.equal(true);
        }
      });

      it('names secrets and holds none; each file that the config names is mounted', () => {
        expect(manifests.map(({ kind }) => kind)).not.to.include('Secret');
        const { admin, redaction, evidence } = loaded(config, folder);
        const files = [admin.tokenFile, admin.readTokenFile, redaction.keyFile, evidence.keyFile];
        const proxyPod = pods.find(({ spec }) => spec.volumes?.some(({ secret }) => secret !== undefined));
        const volume = proxyPod?.spec.volumes?.find(({ secret }) => secret !== undefined);
        const mount = containers
          .filter(ours)
          .flatMap(({ volumeMounts }) => volumeMounts ?? [])
          .find(({ name }) => name === volume?.name);
        expect(volume?.secret?.items?.map(({ path }) => `${mount?.mountPath}/${path}`)).to.have.members(
          files.filter((file) => file !== undefined),
        );
        for (const { env } of containers)
          for (const { name, value } of env ?? []) expect(value ?? '', name).not.to.match(/:\/\/[^/]*@/);
      });

      it('gives every pod limits and no rights, and a root that nobody can write', () => {
        for (const container of containers.filter(ours)) {
          const spec = pods.map((pod) => pod.spec).find((pod) => containersOf(pod).includes(container));
          if (spec === undefined) throw new Error(`${container.name} is in no pod`);
          const security = { ...spec.securityContext, ...container.securityContext };
          expect(security).to.deep.include({
            runAsNonRoot: true,
            runAsUser: 1000,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          });
          expect(container.resources).to.have.nested.property('requests.cpu');
          expect(container.resources).to.have.nested.property('limits.memory');
          expect(spec.enableServiceLinks).to.equal(false);
        }
      });

      it('stops pods later than the product has drained', () => {
        const { listen } = loaded(config, folder);
        const serving = pods.find(({ spec }) => containersOf(spec).some((one) => ours(one) && one.ports !== undefined));
        expect(serving?.spec.terminationGracePeriodSeconds).to.be.greaterThan(listen.drainMs / 1_000 + 5);
      });

      it('has services that select pods which listen there', () => {
        for (const one of manifests.filter(({ kind }) => kind === 'Service')) {
          const { spec } = one as unknown as IService;
          const chosen = pods.filter(({ labels }) =>
            Object.entries(spec?.selector ?? {}).every(([key, value]) => labels[key] === value),
          );
          expect(chosen, one.metadata.name).to.have.length(1);
          const ports = chosen.flatMap(({ spec: pod }) =>
            containersOf(pod).flatMap((container) => container.ports ?? []),
          );
          for (const { targetPort } of spec?.ports ?? [])
            expect(
              ports.some(({ name, containerPort }) => targetPort === name || targetPort === containerPort),
            ).to.equal(true);
        }
      });
    });
  }

  it('has no field that the API does not know', () => {
    const lines = PLACEMENTS.flatMap((placement) =>
      render(folderOf(placement)).map((one) => {
        const [, module, type] = KINDS[one.kind] ?? [];
        return `${JSON.stringify(one)} satisfies import('${module}').${type},`;
      }),
    );
    const project = mkdtempSync(join(folder, 'fields-'));
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    const file = join(project, 'fields.ts');
    writeFileSync(file, `export default [\n${lines.join('\n')}\n];`);
    expect(complaintsOf(file)).to.equal('');
  });

  it('has probes and monitors with paths that the product serves', async () => {
    const { config, containers, manifests } = placed('gateway');
    const proxy = await startProxyProcess(
      { SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9', SHADOWREAD_ADMIN_TOKEN: 'a token of this test' },
      config.replace(/\/run\/secrets\/shadowread\/(\S+)/g, (_, name: string) => {
        const file = join(folder, name);
        writeFileSync(file, 'c0ffee00'.repeat(8));
        return file;
      }),
    );
    try {
      const probes = containers.flatMap(({ startupProbe, livenessProbe, readinessProbe }) =>
        [startupProbe, livenessProbe, readinessProbe].flatMap((probe) => probe?.httpGet?.path ?? []),
      );
      const monitored = manifests
        .filter(({ kind }) => kind === 'ServiceMonitor')
        .flatMap(({ spec }) => (spec as { endpoints: { path: string }[] }).endpoints.map(({ path }) => path));
      expect(probes).to.include.members(['/healthz', '/readyz']);
      for (const path of [...probes, ...monitored]) {
        const answer = await fetch(`${proxy.admin}${path}`);
        expect(answer.status, path).to.equal(path === '/readyz' ? 503 : 200);
        await answer.text();
      }
    } finally {
      await proxy.stop();
    }
  });
});

/** What the compiler says of a file: a field that a type does not have is an error in a literal. */
function complaintsOf(file: string): string {
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noEmit', '--skipLibCheck', '--strict', '--target', 'esnext', '--module', 'nodenext'];
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, ...options, file], {
    cwd: dirname(file),
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}
