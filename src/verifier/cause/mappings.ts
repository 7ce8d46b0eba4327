import type { ModelMapping } from '../../api/mapping.ts';
import { messageOf, ShadowError } from '../../errors.ts';

/** The mapping declarations by reference, as the route table. @throws ShadowError SHADOW_CONFIG */
export async function loadMappings(module: string): Promise<readonly ModelMapping[]> {
  let exports: Record<string, unknown>;
  try {
    exports = await import(module);
  } catch (error) {
    throw new ShadowError('SHADOW_CONFIG', 'the model mappings cannot be loaded', {
      expected: 'a module that exports `mappings`',
      actual: `${module}: ${messageOf(error)}`,
      cause: error,
    });
  }
  const list = exports.mappings ?? exports.default ?? exports.amanatMappings;
  if (Array.isArray(list) && list.every(isMapping)) return list;
  throw new ShadowError('SHADOW_CONFIG', 'the module has no model mappings', {
    expected: 'an export `mappings`, a list with model, collection, table, fields and children',
    actual: `${module} exports ${Object.keys(exports).join(', ') || 'nothing'}`,
  });
}

function isMapping(value: unknown): value is ModelMapping {
  return (
    typeof value === 'object' &&
    value !== null &&
    'collection' in value &&
    'table' in value &&
    'fields' in value &&
    Array.isArray(value.fields) &&
    'children' in value
  );
}
