/**
 * Pauses and sampling that all replicas share through the journal. The replica that receives a change applies it at once
 * and writes it to the journal. Then every replica, this one too, follows the journal, so that after two changes at the
 * same moment all replicas have the same one.
 */
import { z } from 'zod';
import type { ControlPatch, JsonValue } from '../types.ts';
import type { ControlRow } from './read/decisions.ts';

const DOMAIN = 'domain ';
const ROUTE = 'route ';
const SHADOWING = 'shadowing';

const shadowing = z.object({ shadowing: z.boolean() });
const domain = z.object({ paused: z.boolean() });
const route = z.object({
  paused: z.boolean().optional(),
  sample: z.number().min(0).max(1).optional(),
  sampleBy: z.enum(['read', 'entity', 'caller']).optional(),
});

/** A change as the journal holds it: values by name; the parts of one route's value are merged. */
export function controlValues(patch: ControlPatch): Readonly<Record<string, Readonly<Record<string, JsonValue>>>> {
  return {
    ...(patch.shadowing === undefined ? {} : { [SHADOWING]: { shadowing: patch.shadowing } }),
    ...Object.fromEntries(
      Object.entries(patch.domains ?? {}).map(([name, value]) => [`${DOMAIN}${name}`, { ...value }]),
    ),
    ...Object.fromEntries(Object.entries(patch.routes ?? {}).map(([key, value]) => [`${ROUTE}${key}`, { ...value }])),
  };
}

/** Follows the journal's rows: calls `take` with each new or changed one. A row that cannot be applied is reported and left out. */
export function followControls(take: (patch: ControlPatch) => void, onRefused: (name: string, error: unknown) => void) {
  const versions = new Map<string, number>();
  return (rows: readonly ControlRow[]): void => {
    for (const row of rows) {
      if (versions.get(row.name) === row.version) continue;
      versions.set(row.name, row.version);
      try {
        const patch = patchOf(row);
        if (patch !== null) take(patch);
      } catch (error) {
        onRefused(row.name, error);
      }
    }
  };
}

function patchOf({ name, value }: ControlRow): ControlPatch | null {
  if (name === SHADOWING) return { shadowing: shadowing.parse(value).shadowing };
  if (name.startsWith(DOMAIN)) return { domains: { [name.slice(DOMAIN.length)]: domain.parse(value) } };
  if (!name.startsWith(ROUTE)) return null;
  const { paused, sample, sampleBy } = route.parse(value);
  return {
    routes: {
      [name.slice(ROUTE.length)]: {
        ...(paused === undefined ? {} : { paused }),
        ...(sample === undefined ? {} : { sample }),
        ...(sampleBy === undefined ? {} : { sampleBy }),
      },
    },
  };
}
