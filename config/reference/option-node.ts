/** The schema of the config as JSON Schema, read with the few words of it that our options use. */
import { z } from 'zod';
import { configSchema } from '../../src/config-schema.ts';

const node = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  get properties() {
    return z.record(z.string(), node).optional();
  },
  get items() {
    return node.optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), node]).optional();
  },
  get anyOf() {
    return z.array(node).optional();
  },
});
export type OptionNode = z.output<typeof node>;

/** The sections of a config, by name. */
export const sectionsOf = (): Readonly<Record<string, OptionNode>> =>
  node.parse(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' })).properties ?? {};
