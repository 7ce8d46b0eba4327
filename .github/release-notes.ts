/**
 * `node .github/release-notes.ts v1.2.3`: prints what CHANGELOG.md says of the version, for the release's page. Exit 1
 * with the reason where the tag is not package.json's version, or the changelog has nothing of it.
 */
import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** @throws Error with one sentence about what is missing. */
export function releaseNotes(tag: string, version: string, changelog: string): string {
  if (tag !== `v${version}`) throw new Error(`the tag ${tag} is not the version in package.json, ${version}`);
  const parts = changelog.split(/^## /m).slice(1);
  const textOf = (title: string): string | undefined =>
    parts.find((part) => part === title || part.startsWith(`${title}\n`) || part.startsWith(`${title} `));
  const left = textOf('Unreleased')?.split('\n').slice(1).join('\n').trim() ?? '';
  if (left !== '') throw new Error(`CHANGELOG.md still has entries under Unreleased; move them under ${version}`);
  const notes = textOf(version)?.split('\n').slice(1).join('\n').trim() ?? '';
  if (notes === '') throw new Error(`CHANGELOG.md has no part for ${version}; for example: ## ${version} (2026-11-26)`);
  return notes;
}

if (process.argv[1] === import.meta.filename) {
  try {
    const { version }: { version: string } = JSON.parse(read('package.json'));
    console.log(releaseNotes(process.argv[2] ?? '', version, read('CHANGELOG.md')));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
