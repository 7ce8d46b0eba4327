/** Conditions that fail a domain however many reads match. */

import { counted, some } from '../../base/figure-words.ts';
import type { Condition } from '../decision.ts';
import { comparedOf, type Subject } from '../subject.ts';

/** No mismatch on a path that the comparator calls money or identity, acknowledged or not. */
export function fatalMismatches({ domain, evidence, window }: Subject): Condition {
  const { fatal } = evidence.counts;
  const nothing = comparedOf(evidence) + evidence.counts.acknowledged === 0;
  return {
    name: 'fatal_mismatches',
    holds: fatal > 0 ? false : nothing ? null : true,
    figure: fatal,
    limit: 0,
    unit: 'count',
    window,
    missing:
      fatal > 0
        ? [`${domain}: a new epoch without a wrong amount or identity`]
        : nothing
          ? [`${domain}: a comparison`]
          : [],
    text: nothing ? 'nothing was compared yet' : `${counted(fatal, 'mismatch', 'mismatches')} of money or identity`,
  };
}

/** No open fingerprint of this epoch with a kind of difference that the config calls fatal. */
export function fatalFingerprints({ domain, evidence, limits, window }: Subject): Condition {
  const fatal = evidence.fingerprints.filter(
    ({ state, count, kinds }) =>
      state === 'open' && count > 0 && kinds.some((kind) => limits.fatalKinds.includes(kind)),
  );
  const names = fatal.map(({ fingerprint, route }) => `${fingerprint} on ${route}`);
  const kinds =
    limits.fatalKinds.length === 0 ? 'no kind is configured as fatal' : `fatal kinds: ${some(limits.fatalKinds, 3)}`;
  return {
    name: 'fatal_fingerprints',
    holds: fatal.length === 0,
    figure: fatal.length,
    limit: 0,
    unit: 'count',
    window,
    missing: fatal.length === 0 ? [] : [`${domain}: fix or acknowledge ${some(names)}`],
    // A finding names its kind; without a finding the text names what was looked for.
    text: `${counted(fatal.length, 'open fingerprint')} of a fatal kind${fatal.length === 0 ? ` (${kinds})` : ''}`,
  };
}

/** No acknowledgement has expired: an expired one must be decided again. */
export function acknowledgements({ domain, evidence, window }: Subject): Condition {
  const acknowledged = evidence.fingerprints.filter(({ state }) => state === 'acknowledged');
  const expired = acknowledged.filter(({ expiresAt }) => expiresAt === null || expiresAt <= evidence.at);
  const valid = acknowledged.length - expired.length;
  const apart = evidence.counts.acknowledged;
  const owners = acknowledged
    .filter((one) => !expired.includes(one))
    .map(
      ({ fingerprint, owner, reason, expiresAt }) =>
        `${fingerprint} by ${owner ?? 'nobody'} until ${new Date(expiresAt ?? 0).toISOString().slice(0, 10)}: ${reason ?? ''}`,
    );
  return {
    name: 'acknowledgements',
    holds: expired.length === 0,
    figure: expired.length,
    limit: 0,
    unit: 'count',
    window,
    missing:
      expired.length === 0
        ? []
        : [
            `${domain}: look again at ${some(expired.map(({ fingerprint, owner }) => `${fingerprint} (owner ${owner ?? 'nobody'})`))}`,
          ],
    text: `${counted(expired.length, 'acknowledgement')} expired; ${counted(valid, 'valid one')} with ${counted(apart, 'mismatch', 'mismatches')} kept apart${owners.length === 0 ? '' : ` (${some(owners, 3)})`}`,
  };
}
