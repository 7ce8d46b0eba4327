/** `npm run schema`: writes config.schema.json, by which editors complete and check a config, and default.yaml. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configSchema } from '../src/config-schema.ts';
import { defaultYaml } from './default-yaml.ts';

/** JSON Schema (draft 2020-12) of a config as it is written; what only our own check can say is not in it. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ title: 'shadowread config', ...schema }, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL('config.schema.json', import.meta.url), configJsonSchema());
  writeFileSync(new URL('default.yaml', import.meta.url), defaultYaml());
}
