/** GET /api/mismatches[/:id], /api/fingerprints, /api/gates[/:domain], and what may be done there. */
import type { Router } from 'express';
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import { CAUSES } from '../types.ts';
import { whoOf } from './access.ts';
import type { AdminContext } from './context.ts';
import type { AdminJournal } from './journal.ts';
import { numberOf, textOf } from './status.ts';

const HOUR = 3_600_000;
const TREND_HOURS = 24;

const fingerprintPatch = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('acknowledged'),
    owner: z.string().trim().min(1).max(80),
    reason: z.string().trim().min(1).max(300),
    expiresAt: z.union([z.number(), z.iso.datetime()]),
  }),
  z.strictObject({ state: z.literal('open'), reason: z.string().max(300).optional() }),
  z.strictObject({ state: z.literal('fixed'), reason: z.string().max(300).optional() }),
]);

export function journalRoutes(api: Router, context: AdminContext): void {
  const held = (): AdminJournal => {
    if (context.journal !== null) return context.journal;
    throw new ShadowError('SHADOW_JOURNAL', 'no journal is configured', {
      expected: 'journal.url or SHADOWREAD_JOURNAL_URL',
      example: 'SHADOWREAD_JOURNAL_URL=postgres://user@127.0.0.1:5432/shadowread',
    });
  };

  api.get('/mismatches', async (request, response) => {
    const text = (name: string) => textOf(request, name);
    const [domain, route, fingerprint, before, wanted] = [
      text('domain'),
      text('route'),
      text('fingerprint'),
      text('before'),
      text('cause'),
    ];
    const cause = CAUSES.find((known) => known === wanted);
    if (wanted !== undefined && cause === undefined)
      throw new ShadowError('SHADOW_USAGE', 'there is no such cause', { expected: CAUSES.join(', '), actual: wanted });
    const page = await held().reader.mismatches({
      ...(domain === undefined ? {} : { domain }),
      ...(route === undefined ? {} : { route }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(before === undefined ? {} : { before }),
      ...(cause === undefined ? {} : { cause }),
      limit: numberOf(request, 'limit') ?? 50,
    });
    response.json({ mismatches: page.rows, next: page.next });
  });

  api.get('/mismatches/:id', async (request, response) => {
    const { reader } = held();
    const found = await reader.mismatch(request.params.id);
    if (found === null) throw missing('mismatch', request.params.id);
    const sealed = found.hasEvidence ? await reader.sealedEvidence(found.id) : null;
    const answers = sealed === null ? null : context.answersOf(sealed.evidence, found.verdict);
    response.json({
      ...found,
      answers,
      canRecheck: answers !== null,
      traceLink: context.config.admin.traceLink?.replaceAll('{traceId}', encodeURIComponent(found.traceId)) ?? null,
      curl: curlOf(context, found.verdict.request),
    });
  });

  api.post('/mismatches/:id/recheck', async (request, response) => {
    const sealed = await held().reader.sealedEvidence(request.params.id);
    if (sealed === null) {
      throw new ShadowError('SHADOW_KEY', 'nothing was kept to ask again with', {
        expected: 'evidence sealed with evidence.keyFile, within evidence.ttlHours',
        actual: 'none for this mismatch',
      });
    }
    const { evidence: _sealed, ...verdict } = await context.plane.recheck(sealed.evidence);
    response.json({ verdict });
  });

  api.get('/fingerprints', async (request, response) => {
    const [domain, route, wanted] = [textOf(request, 'domain'), textOf(request, 'route'), textOf(request, 'state')];
    const state = (['open', 'acknowledged', 'fixed'] as const).find((known) => known === wanted);
    const { reader } = held();
    const rows = await reader.fingerprints({
      ...(domain === undefined ? {} : { domain }),
      ...(route === undefined ? {} : { route }),
      ...(state === undefined ? {} : { state }),
      sort: textOf(request, 'sort') === 'last' ? 'last' : 'weight',
      limit: numberOf(request, 'limit') ?? 200,
    });
    const now = Date.now();
    const since = Math.floor(now / HOUR) * HOUR - (TREND_HOURS - 1) * HOUR;
    const fingerprints = await Promise.all(
      rows.map(async (row) => {
        const trend = new Array<number>(TREND_HOURS).fill(0);
        // Only what moved within the day has a trend to ask for.
        const points = row.lastSeen < since ? [] : await reader.trend(row.fingerprint, 'hour', since);
        for (const point of points)
          trend[Math.min(TREND_HOURS - 1, Math.max(0, Math.floor((point.at - since) / HOUR)))] = point.count;
        return { ...row, id: row.fingerprint, trend, cause: mostOf(row.causes) };
      }),
    );
    response.json({ fingerprints });
  });

  api.patch('/fingerprints/:id', async (request, response) => {
    const parsed = fingerprintPatch.safeParse(request.body);
    if (!parsed.success) {
      throw new ShadowError('SHADOW_USAGE', 'the change cannot be read', {
        expected: 'state open, fixed, or acknowledged with owner, reason and expiresAt',
        actual: parsed.error.issues
          .map((issue) => `${issue.path.map(String).join('.') || 'body'}: ${issue.message}`)
          .join('; '),
        example:
          '{"state":"acknowledged","owner":"ada","reason":"rounding before 2019","expiresAt":"2026-12-31T00:00:00Z"}',
      });
    }
    const patch = parsed.data;
    const row = await held().writer.patchFingerprint(
      request.params.id,
      patch.state === 'acknowledged'
        ? { ...patch, expiresAt: typeof patch.expiresAt === 'number' ? patch.expiresAt : Date.parse(patch.expiresAt) }
        : { state: patch.state, ...(patch.reason === undefined ? {} : { reason: patch.reason }) },
      whoOf(request),
    );
    context.changed('fingerprints');
    response.json(row);
  });

  const domains = [...new Set(context.declared.map((route) => route.domain))];
  const known = (domain: string): string => {
    if (domains.includes(domain)) return domain;
    throw new ShadowError('SHADOW_DOMAIN', 'there is no domain of this name', {
      expected: `one of ${domains.join(', ')}`,
      actual: domain,
    });
  };

  api.get('/gates', async (_request, response) => {
    const journal = held();
    response.json({ gates: await Promise.all(domains.map(async (domain) => (await journal.gate(domain)).decision)) });
  });

  api.get('/gates/:domain', async (request, response) => {
    const { decision, evidence } = await held().gate(known(request.params.domain));
    response.json({ decision, evidence, markdown: context.markdown(decision) });
  });

  api.post('/gates/:domain/decide', async (request, response) => {
    const journal = held();
    const asked = await context.decide(known(request.params.domain), journal, whoOf(request));
    context.changed('gates');
    response.json({ decision: asked.decision, id: asked.id });
  });

  api.get('/gates/:domain/decisions', async (request, response) => {
    const decisions = await held().reader.decisions({
      domain: known(request.params.domain),
      limit: numberOf(request, 'limit') ?? 20,
    });
    response.json({ decisions });
  });
}

const missing = (what: string, id: string): ShadowError =>
  new ShadowError('SHADOW_NOT_FOUND', `there is no such ${what}`, { actual: id.slice(0, 80) });

/** The cause found most often. */
function mostOf(causes: Readonly<Record<string, number>>): string | null {
  return Object.entries(causes).toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}

/** A line to ask by hand; the target is redacted as it is kept, and credentials are the asker's own. */
function curlOf({ config }: AdminContext, request: { readonly method: string; readonly target: string }): string {
  const base = config.admin.primaryLink ?? config.primary.url ?? 'http://primary';
  const quoted = `'${`${base}${request.target}`.replaceAll("'", "'\\''")}'`;
  return `curl -sS ${request.method === 'HEAD' ? '-I ' : ''}-H 'X-Shadow-Read: 1' ${quoted}`;
}
