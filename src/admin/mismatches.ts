/** GET /api/mismatches[/:id], POST /api/mismatches/:id/recheck. */
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import { tellMismatch } from '../journal/told.ts';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { faultView } from './fault-view.ts';
import { anyId, cause, domainName, limit, mismatchCursor, routeKey } from './input.ts';
import { requireJournal } from './journal.ts';

const params = z.strictObject({ id: anyId });

export function mismatchEndpoints(context: AdminContext): readonly Endpoint[] {
  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/mismatches',
      what: 'Lists mismatches, the newest first. `before` is the `id` of the last row of the previous page.',
      query: z.strictObject({
        domain: domainName.optional(),
        route: routeKey.optional(),
        fingerprint: anyId.optional(),
        cause: cause.optional(),
        before: mismatchCursor.optional(),
        limit: limit.default(50),
      }),
      async answer({ query: { domain, route, fingerprint, cause: why, before, limit: most } }) {
        const page = await requireJournal(context).reader.mismatches({
          ...(domain === undefined ? {} : { domain }),
          ...(route === undefined ? {} : { route }),
          ...(fingerprint === undefined ? {} : { fingerprint }),
          ...(before === undefined ? {} : { before }),
          ...(why === undefined ? {} : { cause: why }),
          limit: most,
        });
        return { mismatches: page.rows, next: page.next };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/mismatches/:id',
      what: 'Shows one mismatch: what differs, why, and since when.',
      params,
      async answer({ params: { id } }) {
        const { reader } = requireJournal(context);
        const found = await reader.mismatch(id);
        if (found === null)
          throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such mismatch', { actual: id.slice(0, 80) });
        const sealed = found.hasEvidence ? await reader.sealedEvidence(found.id) : null;
        const answers = sealed === null ? null : context.answersOf(sealed.evidence, found.verdict);
        const told = await tellMismatch(found, reader);
        return {
          ...found,
          sentence: told.sentence,
          faults: told.faults.map((row) => faultView(row, context)),
          answers,
          canRecheck: answers !== null,
          traceLink: context.config.admin.traceLink?.replaceAll('{traceId}', encodeURIComponent(found.traceId)) ?? null,
          curl: curlOf(context, found.verdict.request),
        };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'post',
      path: '/mismatches/:id/recheck',
      what: 'Asks both sides again; needs evidence that was kept.',
      params,
      async answer({ params: { id } }) {
        const sealed = await requireJournal(context).reader.sealedEvidence(id);
        if (sealed === null) {
          throw new ShadowError('SHADOW_KEY', 'nothing was kept to ask again with', {
            expected: 'evidence sealed with evidence.keyFile, within evidence.ttlHours',
            actual: 'none for this mismatch',
          });
        }
        const { evidence: _sealed, ...verdict } = await context.plane.recheck(sealed.evidence);
        return { verdict };
      },
    }),
  ];
}

/**
 * A line to ask by hand; the target is redacted as it is kept, and credentials are the asker's own. A target is the client's
 * text: quoted for the shell, and curl neither takes brackets for a pattern of many URLs nor shortens `/../`.
 */
export function curlOf(
  { config }: Pick<AdminContext, 'config'>,
  request: { readonly method: string; readonly target: string },
): string {
  const base = config.admin.primaryLink ?? config.primary.url ?? 'http://primary';
  const quoted = `'${`${base}${request.target}`.replaceAll("'", "'\\''")}'`;
  return `curl -sS --globoff --path-as-is ${request.method === 'HEAD' ? '-I ' : ''}-H 'X-Shadow-Read: 1' ${quoted}`;
}
