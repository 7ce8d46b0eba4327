/** GET and PATCH /api/control: pause and sampling at run time, each change kept with who made it. */
import type { Router } from 'express';
import { z } from 'zod';
import { messageOf, ShadowError } from '../errors.ts';
import type { ControlPatch } from '../service/policy.ts';
import { whoOf } from './access.ts';
import type { AdminContext } from './context.ts';

const patchSchema = z.strictObject({
  shadowing: z.boolean().optional(),
  domains: z.record(z.string(), z.strictObject({ paused: z.boolean() })).optional(),
  routes: z
    .record(
      z.string(),
      z.strictObject({
        paused: z.boolean().optional(),
        sample: z.number().min(0).max(1).optional(),
        sampleBy: z.enum(['read', 'entity', 'caller']).optional(),
      }),
    )
    .optional(),
  reason: z.string().max(300).optional(),
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

export function controlRoutes(api: Router, context: AdminContext): void {
  const { plane, journal, log } = context;
  const kept: Kept[] = [];

  api.get('/control', async (_request, response) => {
    const snapshot = await plane.snapshot();
    const audit = journal === null ? kept : await journal.reader.audit({ limit: KEPT }).catch(() => kept);
    response.json({
      ...snapshot,
      audit: audit.map(({ at, who, what, subject, reason }) => ({ at, who, what, subject, reason })),
    });
  });

  api.patch('/control', async (request, response) => {
    const parsed = patchSchema.safeParse(request.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new ShadowError('SHADOW_USAGE', 'the change cannot be read', {
        expected: issue?.message ?? 'a control patch',
        actual: issue?.path.map(String).join('.') || 'the body',
        example: '{"routes":{"GET /api/payments/:id":{"paused":true}}}',
      });
    }
    const { reason, ...body } = parsed.data;
    const patch = withoutUndefined(body);
    await plane.control(patch);
    const entry = {
      at: Date.now(),
      who: whoOf(request),
      what: 'control',
      subject: subjectOf(patch),
      reason: reason ?? null,
    };
    kept.unshift(entry);
    kept.length = Math.min(kept.length, KEPT);
    log.info(`control: ${entry.who} changed ${entry.subject}`);
    // The change is in force whether or not the journal can keep it: a pause must work when everything else is down.
    await journal?.writer
      .note({
        who: entry.who,
        what: entry.what,
        subject: entry.subject,
        before: null,
        after: JSON.parse(JSON.stringify(patch)),
        ...(reason === undefined ? {} : { reason }),
      })
      .catch((error: unknown) =>
        log.often('audit', `admin: a change is in the log and not in the journal: ${messageOf(error)}`),
      );
    context.changed('control');
    response.json(await plane.snapshot());
  });
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
