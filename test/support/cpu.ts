/** Seconds of CPU that the work takes: other work on the machine makes it no longer, as it makes the time on the clock. */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}
