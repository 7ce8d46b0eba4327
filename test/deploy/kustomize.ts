/**
 * What of Kustomize the overlays of deploy/kubernetes use: resources, namespace, images and strategic merge patches. Not a
 * Kustomize: it refuses any other field. Where `kubectl` is present, a test holds the two against each other.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [section: string]: unknown;
}

interface Kustomization {
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly patches?: readonly { readonly path: string }[];
}

type Tree = Readonly<Record<string, unknown>>;

const FIELDS = ['apiVersion', 'kind', 'namespace', 'resources', 'images', 'patches'];

export function manifestsIn(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.map(String).join('; ')}`);
    return document.toJS() as Manifest;
  });
}

/** @throws Error for a field that this does not know, and for a patch without its target. */
export function render(folder: string): Manifest[] {
  const said: Kustomization & Tree = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  const unknown = Object.keys(said).filter((field) => !FIELDS.includes(field));
  if (unknown.length > 0) throw new Error(`${folder}: not known here: ${unknown.join(', ')}`);
  let manifests = said.resources.flatMap((resource) => {
    const path = join(folder, resource);
    return statSync(path).isDirectory() ? render(path) : manifestsIn(path);
  });
  for (const { path } of said.patches ?? []) {
    for (const patch of manifestsIn(join(folder, path))) {
      const same = (one: Manifest): boolean => one.kind === patch.kind && one.metadata.name === patch.metadata.name;
      if (!manifests.some(same)) throw new Error(`${path}: there is no ${patch.kind} ${patch.metadata.name}`);
      manifests = manifests.map((one) => (same(one) ? (merged(one, patch) as Manifest) : one));
    }
  }
  return manifests.map((one) => {
    const { namespace } = said;
    const placed = namespace === undefined ? one : { ...one, metadata: { ...one.metadata, namespace } };
    return withImages(placed, said.images ?? []) as Manifest;
  });
}

/** Mappings are merged, lists of named things by name, anything else is replaced. */
function merged(base: unknown, patch: unknown): unknown {
  if (isTree(base) && isTree(patch)) {
    const keys = [...new Set([...Object.keys(base), ...Object.keys(patch)])];
    return Object.fromEntries(keys.map((key) => [key, key in patch ? merged(base[key], patch[key]) : base[key]]));
  }
  if (!isNamedList(base) || !isNamedList(patch)) return patch;
  const fresh = patch.filter(({ name }) => !base.some((one) => one.name === name));
  return [
    ...base.map((one) => {
      const change = patch.find(({ name }) => name === one.name);
      return change === undefined ? one : merged(one, change);
    }),
    ...fresh,
  ];
}

function withImages(value: unknown, images: NonNullable<Kustomization['images']>): unknown {
  if (Array.isArray(value)) return value.map((one) => withImages(one, images));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => {
      const image = key === 'image' ? images.find(({ name }) => name === held) : undefined;
      return [key, image === undefined ? withImages(held, images) : `${image.newName}:${image.newTag}`];
    }),
  );
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamedList(value: unknown): value is readonly (Tree & { readonly name: string })[] {
  return Array.isArray(value) && value.every((one) => isTree(one) && typeof one.name === 'string');
}
