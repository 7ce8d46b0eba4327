/** Instants that go wrong where somebody thinks in local time: DST changes, ends of years, leap days, before 1970. */
export const HARD_INSTANTS: readonly Date[] = [
  '2025-03-30T00:59:59.999Z',
  '2025-03-30T01:00:00.000Z',
  '2025-10-26T00:30:00.000Z',
  '2025-10-26T01:30:00.000Z',
  '2025-03-09T06:59:59.999Z',
  '2025-11-02T05:30:00.001Z',
  '2024-12-31T23:59:59.999Z',
  '2025-01-01T00:00:00.000Z',
  '2024-02-29T12:00:00.000Z',
  '2025-03-20T20:30:00.001Z',
  '1969-12-31T23:59:59.999Z',
  '2099-12-31T23:59:59.999Z',
].map((text) => new Date(text));
