/** What the product really has, for tests that hold deploy files against it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENVIRONMENT } from '../../src/config.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const sources = ['src', 'otel', 'bin'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[jt]s$/.test(path))
    .map((path) => readFileSync(join(ROOT, folder, path), 'utf8')),
);

/** Read by Node, the C library and the OpenTelemetry SDK, not by a line of ours. */
const OF_OTHERS = [
  'NODE_ENV',
  'NODE_OPTIONS',
  'MALLOC_ARENA_MAX',
  'MALLOC_MMAP_THRESHOLD_',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
];

/** Whether anything reads that variable. */
export function isEnvironmentName(name: string): boolean {
  return (
    Object.hasOwn(ENVIRONMENT, name) ||
    OF_OTHERS.includes(name) ||
    sources.some((text) => text.includes(`env.${name}`) || text.includes(`environment.${name}`))
  );
}
