/** Where decisions are asked for: reads the journal's evidence, decides, and keeps what was decided. */

import { declaredFeatures, featuresOf } from '../api/declared.ts';
import type { Config } from '../config.ts';
import type { RouteDeclaration } from '../gate/evidence.ts';
import { type AskedDecision, askGate } from '../journal/ask-gate.ts';
import type { JournalReader } from '../journal/reader.ts';
import type { JournalWriter } from '../journal/writer.ts';
import { amanatRoutes } from '../routes/index.ts';

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

/** Decides on one domain; an unreadable journal is a decision too: undecided. With `by` the decision is kept. */
export function ask(
  domain: string,
  reader: JournalReader,
  config: Config,
  configDigest: string,
  by?: { readonly writer: JournalWriter; readonly who: string },
): Promise<AskedDecision> {
  const setting = { routes: declarationsOf(config), configDigest };
  return askGate({ reader, domain, limits: config.gate, setting, ...(by === undefined ? {} : { keep: by }) });
}
