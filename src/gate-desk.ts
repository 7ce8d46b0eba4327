/** Where decisions are asked for: reads the journal's evidence, decides, and keeps what was decided. */
import type { Config } from './config.ts';
import { messageOf, ShadowError } from './errors.ts';
import { decide } from './gate/decide.ts';
import type { Decision } from './gate/decision.ts';
import type { DomainEvidence, RouteDeclaration } from './gate/evidence.ts';
import type { JournalReader } from './journal/reader.ts';
import type { JournalWriter } from './journal/writer.ts';
import { declaredFeatures, featuresOf } from './routes/declared.ts';
import { amanatRoutes } from './routes/index.ts';

export interface Asked {
  readonly decision: Decision;
  /** Null where the journal could not be read. */
  readonly evidence: DomainEvidence | null;
}

/** What the route table declares, for coverage. */
export function declarationsOf(config: Config): readonly RouteDeclaration[] {
  const builtIn: readonly RouteDeclaration[] =
    config.routes.table === 'none'
      ? []
      : amanatRoutes.map((entry) => ({
          key: entry.key,
          domain: entry.domain,
          fewAnswers: entry.fewAnswers,
          shapes: declaredFeatures(entry),
          shows: featuresOf,
        }));
  const own = config.routes.entries.map(
    ({ method, pattern, domain, fewAnswers }): RouteDeclaration => ({
      key: `${method} ${pattern}`,
      domain,
      fewAnswers: fewAnswers ?? null,
      shapes: [],
    }),
  );
  return [...builtIn, ...own];
}

/** Decides on one domain; an unreadable journal is a decision too: undecided. */
export async function ask(domain: string, reader: JournalReader, config: Config, configDigest: string): Promise<Asked> {
  const setting = { routes: declarationsOf(config), configDigest };
  try {
    const evidence = await reader.evidence(domain);
    return { decision: decide(domain, evidence, config.gate, setting), evidence };
  } catch (error) {
    const unreadable = error instanceof ShadowError ? error.message : messageOf(error);
    return { decision: decide(domain, { unreadable }, config.gate, setting), evidence: null };
  }
}

/** Keeps a decision, append-only; false where the journal cannot be written. */
export async function keep(asked: Asked, writer: JournalWriter, who: string): Promise<boolean> {
  try {
    await writer.recordDecision(asked.decision, asked.evidence, who);
    return true;
  } catch {
    return false;
  }
}
