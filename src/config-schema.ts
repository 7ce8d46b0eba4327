/** Every option, with its description, default and bounds: one file a group of sections. Lengths of time say their unit in their name. */
import { z } from 'zod';
import { admin, repair } from './config/admin.ts';
import { flip, gate } from './config/gate.ts';
import { currencies, ids } from './config/ids.ts';
import { listen } from './config/listening.ts';
import { evidence, redaction } from './config/privacy.ts';
import { domains, mappings, routes, type yamlRoute } from './config/routes.ts';
import { limits, loop, settle, shadow } from './config/shadowing.ts';
import { primary, twin } from './config/sides.ts';
import { sink } from './config/sink.ts';
import { journal, stores } from './config/stores.ts';
import { alerts, telemetry } from './config/telemetry.ts';
import { verifier } from './config/verifier.ts';

/** In the order in which config/default.yaml prints them. */
export const configSchema = z.strictObject({
  listen,
  primary,
  twin,
  shadow,
  loop,
  limits,
  settle,
  verifier,
  journal,
  stores,
  admin,
  repair,
  redaction,
  evidence,
  alerts,
  telemetry,
  ids,
  currencies,
  routes,
  mappings,
  domains,
  sink,
  gate,
  flip,
});

export type Config = z.output<typeof configSchema>;
/** A config as it is written: everything but what has no default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
export type YamlRoute = z.output<typeof yamlRoute>;
