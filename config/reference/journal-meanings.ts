/** What each table and column of the journal holds. A test holds them against the catalog of a migrated Postgres. */

export interface TableMeaning {
  readonly what: string;
  /** Columns whose meaning is another than in SHARED. */
  readonly columns?: Readonly<Record<string, string>>;
}

/** Columns that mean the same in every table. */
export const SHARED: Readonly<Record<string, string>> = {
  id: 'Identity of the row.',
  at: 'When it happened.',
  domain: 'The domain.',
  route: 'Route key, such as `GET /api/payments/:id`.',
  served: 'The side whose answer the client got: `primary` or `twin`.',
  representation: 'In whose forms the twin answered: `primary` or `twin`.',
  verdict: 'Verdict of the reads.',
  reason: 'The reason that a person gave; for a skipped or failed read, its reason code.',
  fatal: 'True for a difference that no rate excuses: money, identity, a secret.',
  epoch: 'Evidence epoch (`epochs.id`).',
  shard: 'Spreads the writes of many replicas over several rows; readers sum them.',
  n: 'How many.',
  minute: 'Minute of the counts, UTC.',
  hour: 'Hour of the counts, UTC.',
  first_seen: 'First time.',
  last_seen: 'Last time.',
  last_at: 'Last time.',
  fingerprint: 'Fingerprint: route, path and kind of a difference.',
  cause: 'Cause of the mismatch.',
  state: 'Where its work stands.',
  owner: 'Who is responsible for it while it is acknowledged.',
  expires_at: 'When the acknowledgement ends.',
  updated_by: 'Who changed the state last.',
  updated_at: 'When the state changed last.',
  last_mismatch: 'A mismatch that shows it (`mismatches.id`), the latest.',
  trace_id: 'Trace of a read that shows it.',
  buckets:
    'Histogram of durations: each number is a bucket and its count, `index << 40 | count` (src/journal/histogram.ts).',
  sum: 'Sum of the durations, ms.',
  version: 'Grows with every change, so that replicas take the latest.',
  changed_by: 'Who changed it last.',
  who: 'Who did it.',
};

export const TABLES: Readonly<Record<string, TableMeaning>> = {
  schema_version: {
    what: 'Version of this schema. A proxy brings it up to date when it starts.',
    columns: {
      version: 'Number of the version.',
      starts_from: 'The oldest version whose program may still write to these tables; null where only this one may.',
    },
  },
  id_pairs: {
    what: 'Pairs of ids that reads have shown (`ids: consistent`): the replica that found an id first set its partner.',
    columns: {
      collection: 'Collection, or name of the kind of ids, that the pair belongs to.',
      primary_id: 'The id in the primary.',
      twin_id: 'Its partner in the twin.',
      sightings: 'How many reads have shown the pair, a million at most.',
      seen_at: 'When it was shown last.',
    },
  },
  epochs: {
    what: 'Evidence epochs: one row for each combination of backfill, twin build and rules of a domain.',
    columns: {
      ordinal: 'Number of the epoch within its domain, from 1.',
      backfill: 'Id of the last completed backfill; null where it is not known.',
      twin_build: 'Build of the twin (`X-Twin-Build`); null where it is not known.',
      rules: 'Rules digest of the domain.',
      began_at: 'When the combination was seen first.',
      closed_at: 'When a person began new evidence; nothing is added since then.',
    },
  },
  count_keys: { what: 'What `counts` and `evidence` count: one row for each combination that occurred.' },
  counts: { what: 'Reads by minute.', columns: { key: '`count_keys.id`.' } },
  count_hours: {
    what: 'Reads by hour: sums of `counts`, kept by its triggers, for whoever reads a day of many routes.',
    columns: { key: '`count_keys.id`.' },
  },
  count_hours_from: {
    what: 'One row: from when on `count_hours` is complete.',
    columns: { complete_from: 'Earlier hours have to be summed from `counts`.' },
  },
  evidence: { what: 'Reads of an epoch in all; the gate reads these.', columns: { key: '`count_keys.id`.' } },
  series: {
    what: 'What `histograms` and `evidence_histograms` measure.',
    columns: { measure: '`primary`, `twin` (time to headers) or `settle` (time until both sides agreed).' },
  },
  histograms: { what: 'Durations by minute.', columns: { series: '`series.id`.' } },
  evidence_histograms: { what: 'Durations of an epoch in all.', columns: { series: '`series.id`.' } },
  shapes: {
    what: 'Query shapes that were seen on each route.',
    columns: { shape: 'The parameters that were given, without their values.' },
  },
  coverage: {
    what: 'How well each query shape is covered in an epoch.',
    columns: {
      shape: '`shapes.id`.',
      seen: 'Reads.',
      compared: 'Comparisons: match, settled and mismatch.',
      mismatches: 'Of these, mismatches.',
      entities: 'Different entities asked for.',
      answers: 'Different answers.',
      units: 'Distinct comparisons: a different question with a different answer.',
      lost_units:
        'Distinct comparisons beyond the limit, which are not remembered (`journal.perRoute.distinctPerShape`).',
    },
  },
  coverage_news: {
    what: 'How many comparisons a shape had when it last brought something new.',
    columns: { shape: '`shapes.id`.', compared: 'Comparisons at that moment.' },
  },
  distinct_hashes: {
    what: 'Keyed hashes of what was seen, so that the same question or answer counts once.',
    columns: {
      shape: '`shapes.id`.',
      kind: '0 an entity, 1 an answer, 2 both together.',
      hash: 'The hash.',
      combination: 'Combination of fingerprints with which this comparison was once a mismatch.',
    },
  },
  mismatches: {
    what: 'Mismatches, the newest within `journal.retentionDays`. No values: paths, kinds, measures and hashes.',
    columns: {
      id: 'Id of the mismatch.',
      exchange_id: 'Id of the read.',
      fingerprint: 'The combination of its fingerprints.',
      fingerprints: 'Its fingerprints.',
      difference_count: 'Number of differences; it may be more than are described.',
      verdict: 'The whole verdict, redacted.',
      evidence: 'Both answers, encrypted (AES-256-GCM); null without `evidence.keyFile`.',
      evidence_expires: 'When the evidence may no longer be opened.',
    },
  },
  fingerprints: {
    what: 'Places that differ: one row for each route, path and kind.',
    columns: {
      kinds: 'Kinds of difference.',
      sample: 'One difference of it, redacted.',
      state: '`open`, `acknowledged` or `fixed`.',
      regressed: 'It was seen again after a person marked it as fixed.',
      fixed_at: 'When a person marked it as fixed.',
      others: 'True for the row that stands for all that found no room (`journal.perRoute.fingerprints`).',
    },
  },
  fingerprint_counts: { what: 'Mismatches with a fingerprint, by hour.' },
  fingerprint_evidence: { what: 'Mismatches with a fingerprint in an epoch.' },
  combinations: {
    what: 'Which fingerprints occurred together in one mismatch. A mismatch is accepted only where all of them are.',
    columns: { combination: 'Hash of the fingerprints.', fingerprints: 'The fingerprints.' },
  },
  combination_counts: {
    what: 'Mismatches with a combination, by hour.',
    columns: { combination: '`combinations.combination`.' },
  },
  combination_evidence: {
    what: 'Mismatches with a combination in an epoch.',
    columns: { combination: '`combinations.combination`.' },
  },
  faults: {
    what: 'Faults: what an engineer repairs. One row for each stored fact that is wrong, or for each place that no row explains.',
    columns: {
      fault: 'Id of the fault.',
      collection: 'Collection of the document; null where no row is to blame.',
      entity: 'Id of the document.',
      field: 'The field that differs; null where the whole row is missing or has no document.',
      route: 'The route, where no row is to blame.',
      fingerprint: 'The fingerprint, where no row is to blame.',
      sample: 'One difference of it, redacted.',
      others: 'True for the row that stands for all that found no room.',
      state: '`open`, `acknowledged`, `repaired` or `returned`.',
      repaired_at: 'When it was repaired.',
    },
  },
  fault_routes: { what: 'Routes that show a fault.', columns: { fault: '`faults.fault`.' } },
  control_counts: {
    what: 'Control reads by minute: reads whose primary was asked twice.',
    columns: { disagreed: 'How often the primary disagreed with itself.' },
  },
  control_paths: {
    what: 'Paths at which the primary disagrees with itself.',
    columns: { path: 'JSON pointer, positions as `*`.' },
  },
  failures: {
    what: 'The last skipped or failed reads of each route, by reason.',
    columns: { detail: 'What happened, without values.' },
  },
  instances: {
    what: 'Replicas that write here.',
    columns: {
      instance: 'Name of the replica, with what makes it unique over restarts.',
      started_at: 'When it started.',
      applied: 'Number of its last batch; a batch is applied once.',
      heartbeat: 'When it wrote last.',
      watermark: 'The minute up to which its counts are complete.',
      skew_ms: 'How far its clock is ahead of that of Postgres, ms.',
      dropped_evidence: 'Mismatches whose evidence it dropped because the buffer was full.',
      stopped_at: 'When it stopped normally; null while it runs, or if it died.',
      unknown: 'Its counts of reads that no route matches.',
    },
  },
  decisions: {
    what: 'Decisions of the gate. Append-only: a trigger refuses update, delete and truncate.',
    columns: {
      outcome: '`pass`, `fail` or `undecided`.',
      decision: 'The conditions with figures and limits.',
      evidence: 'The evidence it was made from.',
      config_digest: 'Digest of the config at that moment.',
      who: 'Who asked.',
    },
  },
  stages: {
    what: 'Stage of each domain that was ever flipped or rolled back.',
    columns: {
      stage: '`off`, `shadow` or `flipped`.',
      percent: 'Percent of the reads that the twin serves.',
      override: 'True where it was flipped without a passing gate.',
      decision: 'The decision behind it (`decisions.id`).',
    },
  },
  control: {
    what: 'Pauses and sampling that were set at run time, for all replicas.',
    columns: { name: 'What is set: shadowing, a domain or a route.', value: 'The setting.' },
  },
  audit: {
    what: 'Who changed what. Append-only.',
    columns: {
      what: 'The kind of change.',
      subject: 'What was changed.',
      before: 'Before the change.',
      after: 'After it.',
    },
  },
};
