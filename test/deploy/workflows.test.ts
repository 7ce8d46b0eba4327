import { readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { releaseNotes } from '../../.github/release-notes.ts';
import { ROOT, read } from './product.ts';

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = readdirSync(join(ROOT, '.github', 'workflows')).map((name) => `.github/workflows/${name}`);

describe('.github', () => {
  it("holds by GitHub's own reading of workflows and their expressions", async () => {
    // The package imports JSON in the way of bundlers.
    const hooks = registerHooks({
      load: (url, context, next) =>
        next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
    });
    const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
    hooks.deregister();
    const errorsIn = async (name: string, content: string): Promise<string[]> => {
      const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
      if (value !== undefined) await convertWorkflowTemplate(context, value);
      return context.errors.getErrors().map(({ message }) => message);
    };
    for (const file of files) expect(await errorsIn(file, read(file)), file).to.deep.equal([]);
    const broken = read(files[0] ?? '')
      .replace('timeout-minutes', 'timeout')
      .replace('github.ref }', 'github.ref + 1 }');
    expect(await errorsIn('broken', broken)).to.have.length.greaterThan(1);
  });

  for (const file of files) {
    it(`${file} may do little, ends, and runs scripts that there are`, () => {
      const { permissions, jobs }: Workflow = parse(read(file));
      expect(permissions).to.deep.equal({ contents: 'read' });
      const { scripts } = JSON.parse(read('package.json'));
      for (const [name, job] of Object.entries(jobs)) {
        expect(job['timeout-minutes'], name).to.be.a('number');
        for (const { uses, run = '' } of job.steps) {
          // A tag can be moved to another commit, a commit's hash cannot.
          if (uses !== undefined) expect(uses).to.match(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
          for (const [, script = ''] of run.matchAll(/npm (?:run (?:-s )?)([\w:-]+)/g))
            expect(scripts, script).to.have.property(script);
        }
      }
    });
  }

  it('names beside each hash the version that it is, one for each action', () => {
    const lines = files.flatMap((file) => read(file).split('\n')).filter((line) => line.includes('uses: actions/'));
    for (const line of lines) expect(line).to.match(/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const used = new Set(lines.map((line) => line.replace(/^.*uses: /, '')));
    expect([...used].map((one) => one.split('@')[0])).to.have.length(
      new Set([...used].map((one) => one.split('@')[0])).size,
    );
  });

  it('runs the suite on real stores under the names that the tests read', () => {
    const { jobs }: Workflow = parse(read('.github/workflows/ci.yml'));
    expect(Object.keys(jobs['real-stores']?.env ?? {})).to.deep.equal(['MONGODB_URI', 'MIGRATION_PG_URL']);
    expect(read('test/support/lane-stores.ts')).to.include('process.env.MIGRATION_PG_URL');
  });

  it('updates npm, actions and images', () => {
    const { version, updates } = parse(read('.github/dependabot.yml'));
    expect(version).to.equal(2);
    expect(updates.map((one: { 'package-ecosystem': string }) => one['package-ecosystem'])).to.have.members([
      'npm',
      'github-actions',
      'docker',
      'docker-compose',
    ]);
  });
});

describe('a release', () => {
  const changelog = '# Changelog\n\n## Unreleased\n\n## 1.2.0 (2026-01-01)\n\n- new\n\n## 1.1.0\n\n- old\n';

  it("takes the changelog's part of its version as its notes", () => {
    expect(releaseNotes('v1.2.0', '1.2.0', changelog)).to.equal('- new');
    expect(releaseNotes('v1.1.0', '1.1.0', changelog)).to.equal('- old');
  });

  const refused: readonly [what: string, tag: string, version: string, changelog: string, message: RegExp][] = [
    ['another tag than the version', 'v1.2.1', '1.2.0', changelog, /v1.2.1 is not the version in package.json, 1.2.0/],
    ['a version without a part', 'v1.3.0', '1.3.0', changelog, /no part for 1.3.0/],
    ['a version whose number only begins like one', 'v1.2', '1.2', changelog, /no part for 1.2;/],
    ['an empty part', 'v2.0.0', '2.0.0', changelog.replace('## 1.2.0', '## 2.0.0\n\n## 1.2.0'), /no part for 2.0.0/],
    ['entries left over', 'v1.2.0', '1.2.0', changelog.replace('Unreleased\n', 'Unreleased\n\n- x\n'), /Unreleased/],
  ];
  for (const [what, tag, version, text, message] of refused) {
    it(`is refused with ${what}`, () => {
      expect(() => releaseNotes(tag, version, text)).to.throw(message);
    });
  }
});
