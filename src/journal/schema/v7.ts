/**
 * Buckets of durations are half as wide as they were. The rows from before stay as they are and keep their meaning; a
 * process of an earlier version would not understand the new ones.
 */
export const v7 = `
comment on column histograms.buckets is
  'index << 40 | count; from index 2^20 on a bucket is a 32nd of a doubling, below a 16th: src/journal/histogram.ts';
comment on column evidence_histograms.buckets is
  'index << 40 | count; from index 2^20 on a bucket is a 32nd of a doubling, below a 16th: src/journal/histogram.ts';
`;
