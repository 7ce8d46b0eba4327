/** The config of ours under the bench: one route, with rules that know ids, money, instants and blobs. */
import { ENTITY_IDS, ENTITY_RULES } from './entities.ts';

export function oursConfig({ on, shortWay = true }: { readonly on: boolean; readonly shortWay?: boolean }): string {
  return `listen: { host: 127.0.0.1, port: 0 }
primary: { shortWay: ${shortWay} }
shadow: { enabled: ${on}, control: 0 }
twin: { representation: both, concurrency: 64, perSecond: 100000 }
ids: ${ENTITY_IDS}
routes:
  table: none
  entries:
    - pattern: /things/:id
      domain: things
      rules: ${ENTITY_RULES}
`;
}
