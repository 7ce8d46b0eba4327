import type { ModelMapping } from '../api/mapping.ts';

/** Collections that a model refers to, itself not counted. */
export function refersTo(mapping: ModelMapping): Set<string> {
  const fields = [...mapping.fields, ...mapping.children.flatMap((child) => child.fields)];
  const collections = fields.flatMap(({ type }) =>
    type.kind === 'ref' || type.kind === 'refSet' ? [type.collection] : [],
  );
  return new Set(collections.filter((collection) => collection !== mapping.collection));
}

/** Referenced models come before those that refer to them; a cycle is cut at its first model in the list. */
export function byDependency(mappings: readonly ModelMapping[]): ModelMapping[] {
  const byCollection = new Map(mappings.map((mapping) => [mapping.collection, mapping]));
  const ordered: ModelMapping[] = [];
  const seen = new Set<string>();
  const visit = (mapping: ModelMapping): void => {
    if (seen.has(mapping.collection)) return;
    seen.add(mapping.collection);
    for (const collection of refersTo(mapping)) {
      const other = byCollection.get(collection);
      if (other !== undefined) visit(other);
    }
    ordered.push(mapping);
  };
  for (const mapping of mappings) visit(mapping);
  return ordered;
}

/** The models of these domains and all that they refer to, however far: foreign keys need the rows. */
export function withDependencies(mappings: readonly ModelMapping[], domains: readonly string[]): ModelMapping[] {
  const byCollection = new Map(mappings.map((mapping) => [mapping.collection, mapping]));
  const wanted = new Set<string>();
  const want = (mapping: ModelMapping): void => {
    if (wanted.has(mapping.collection)) return;
    wanted.add(mapping.collection);
    for (const collection of refersTo(mapping)) {
      const other = byCollection.get(collection);
      if (other !== undefined) want(other);
    }
  };
  for (const mapping of mappings) if (domains.includes(mapping.domain)) want(mapping);
  return mappings.filter((mapping) => wanted.has(mapping.collection));
}
