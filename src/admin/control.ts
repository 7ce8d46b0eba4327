/** GET and PATCH /api/control: pause and sampling at run time, each change kept with who made it. */

import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { controlValues } from '../journal/shared-controls.ts';
import type { ControlPatch } from '../types.ts';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { domainName, limit, prose, routeKey, rowNumber } from './input.ts';

const patchSchema = z.strictObject({
  shadowing: z.boolean({ error: 'expected true or false' }).optional(),
  domains: z.record(domainName, z.strictObject({ paused: z.boolean({ error: 'expected true or false' }) })).optional(),
  routes: z
    .record(
      routeKey,
      z.strictObject({
        paused: z.boolean({ error: 'expected true or false' }).optional(),
        sample: z
          .number({ error: 'expected a share from 0 to 1' })
          .min(0, { error: 'expected a share from 0 to 1' })
          .max(1, { error: 'expected a share from 0 to 1' })
          .optional(),
        sampleBy: z.enum(['read', 'entity', 'caller'], { error: 'expected read, entity or caller' }).optional(),
      }),
    )
    .optional(),
  reason: prose(300).optional(),
});

/** Changes kept in memory, for a port without a journal. */
const KEPT = 50;

interface Kept {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly subject: string;
  readonly reason: string | null;
}

export function controlEndpoints(context: AdminContext): readonly Endpoint[] {
  const { plane, journal, log } = context;
  const kept: Kept[] = [];

  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/control',
      what: 'Shows the pauses and the sampling in force, and the last changes.',
      async answer() {
        const snapshot = await plane.snapshot();
        const audit = journal === null ? kept : await journal.reader.audit({ limit: KEPT }).catch(() => kept);
        return {
          ...snapshot,
          audit: audit.map(({ at, who, what, subject, reason }) => ({ at, who, what, subject, reason })),
        };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/audit',
      what: 'Lists who changed what, the newest first. `before` is the `id` of the last row of the previous page.',
      query: z.strictObject({
        subject: routeKey.optional(),
        before: rowNumber.optional(),
        limit: limit.default(KEPT),
      }),
      async answer({ query: { subject, before, limit: most } }) {
        if (journal === null) return { audit: kept.slice(0, most).map((row, id) => ({ id, ...row })), next: null };
        const audit = await journal.reader.audit({
          limit: most,
          ...(subject === undefined ? {} : { subject }),
          ...(before === undefined ? {} : { before }),
        });
        return { audit, next: audit.length < most ? null : (audit.at(-1)?.id ?? null) };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'patch',
      path: '/control',
      what: 'Changes pauses and sampling at run time, for all replicas.',
      body: patchSchema,
      example: '{"routes":{"GET /api/payments/:id":{"paused":true}}}',
      async answer({ body: { reason, ...body }, who }) {
        const patch = withoutUndefined(body);
        await plane.control(patch);
        const entry = { at: Date.now(), who, what: 'control', subject: subjectOf(patch), reason: reason ?? null };
        kept.unshift(entry);
        kept.length = Math.min(kept.length, KEPT);
        log.info(`control: ${entry.who} changed ${entry.subject}`);
        // The change is in force whether or not the journal can keep it: a pause must work when everything else is down.
        await journal?.writer
          .setControls({ values: controlValues(patch), subject: entry.subject, who, reason: entry.reason })
          .catch((error: unknown) =>
            log.often(
              'audit',
              `admin: a change is in force here and not in the journal, so not at other replicas: ${messageOf(error)}`,
            ),
          );
        context.changed('control');
        return await plane.snapshot();
      },
    }),
  ];
}

function subjectOf(patch: ControlPatch): string {
  const names = [
    ...(patch.shadowing === undefined ? [] : [`shadowing ${patch.shadowing ? 'on' : 'off'}`]),
    ...Object.keys(patch.domains ?? {}),
    ...Object.keys(patch.routes ?? {}),
  ];
  return names.slice(0, 5).join(', ') || 'nothing';
}

/** JSON has no undefined: a patch's absent keys must be absent, not undefined. */
function withoutUndefined(body: Omit<z.output<typeof patchSchema>, 'reason'>): ControlPatch {
  const routes = Object.fromEntries(
    Object.entries(body.routes ?? {}).map(([key, { paused, sample, sampleBy }]) => [
      key,
      {
        ...(paused === undefined ? {} : { paused }),
        ...(sample === undefined ? {} : { sample }),
        ...(sampleBy === undefined ? {} : { sampleBy }),
      },
    ]),
  );
  return {
    ...(body.shadowing === undefined ? {} : { shadowing: body.shadowing }),
    ...(body.domains === undefined ? {} : { domains: body.domains }),
    ...(body.routes === undefined ? {} : { routes }),
  };
}
