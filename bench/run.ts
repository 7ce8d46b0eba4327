/**
 * `npm run bench [-- <part>…] [--quick | --smoke] [--json] [--seconds N] [--rounds N]`: ours against contenders started
 * here, on loopback, in alternating rounds; medians, spreads and ratios against the budgets. Exit 1 where one is not held.
 *
 * Parts: throughput, verified, latency, large, compare, hung, growth, cpu, sink. `--quick`: what a change may slow, in
 * three minutes. `--smoke`: every part to its end, failures judged and time not, for a machine that says nothing of time.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { table } from '../src/cli/output.ts';
import { benchCompare } from './compare.ts';
import { benchCompareGrowth } from './compare-growth.ts';
import { cpu } from './parts/cpu.ts';
import { growth } from './parts/growth.ts';
import { hung } from './parts/hung.ts';
import { large } from './parts/large.ts';
import { latency } from './parts/latency.ts';
import { sink } from './parts/sink.ts';
import { throughput } from './parts/throughput.ts';
import { verified } from './parts/verified.ts';
import { type Row, round } from './row.ts';
import { Setting } from './setting.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const { quick, smoke } = values;

const PARTS: Readonly<Record<string, (setting: Setting) => Row[] | Promise<Row[]>>> = {
  throughput,
  verified,
  latency,
  large,
  compare: ({ note }) => {
    note('the compare kernel');
    if (smoke) return benchCompare({ rounds: 1, roundMs: 2 });
    return quick ? benchCompare({ rounds: 9, roundMs: 12, alone: true }) : [...benchCompare(), ...benchCompareGrowth()];
  },
  hung,
  growth,
  cpu,
  sink,
};
const QUICK = ['throughput', 'verified', 'latency', 'large', 'compare'];

const unknown = positionals.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) {
  process.stderr.write(`there is no part ${unknown.join(', ')}; the parts are ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(64);
}
const named = positionals.length > 0 ? positionals : quick ? QUICK : Object.keys(PARTS);

const began = performance.now();
const setting = await Setting.open(
  {
    seconds: Number(values.seconds ?? (smoke ? 0.3 : quick ? 1 : 3)),
    rounds: Number(values.rounds ?? (smoke ? 1 : 5)),
    quick,
  },
  (text) => void process.stderr.write(`${text}\n`),
);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void setting.close().finally(() => process.exit(2)));

const loads = [loadavg()[0] ?? 0];
const rows: Row[] = [];
try {
  for (const part of named) {
    const found = (await PARTS[part]?.(setting)) ?? [];
    rows.push(...found.map((row) => (smoke && row.always !== true ? { ...row, holds: null } : row)));
    loads.push(loadavg()[0] ?? 0);
  }
} finally {
  await setting.close();
}

const [core] = cpus();
const { seconds, rounds } = setting.options;
const conditions = {
  machine: `${cpus().length} x ${core?.model ?? 'unknown'}`,
  node: process.versions.node,
  rounds,
  secondsARound: seconds,
  loadAverage: `${round(Math.min(...loads), 1)} - ${round(Math.max(...loads), 1)}`,
  tookSeconds: round((performance.now() - began) / 1_000, 0),
};
if (values.json) process.stdout.write(`${JSON.stringify({ ...conditions, rows })}\n`);
else {
  process.stdout.write(
    `${table(
      [
        { title: 'what', cell: (one: Row) => one.name },
        { title: 'ours', align: 'right', cell: (one) => String(one.ours) },
        { title: 'other', align: 'right', cell: (one) => String(one.other) },
        { title: 'ratio', align: 'right', cell: (one) => String(one.ratio) },
        { title: 'spread', cell: (one) => one.spread ?? '' },
        { title: 'budget', cell: (one) => one.budget ?? '' },
        { title: 'holds', cell: (one) => (one.holds === null ? '' : one.holds ? 'yes' : 'NO') },
        { title: '', cell: (one) => one.remark ?? '' },
      ],
      rows,
    )}\n${conditions.machine}, Node ${conditions.node}; ${rounds} rounds of ${seconds} s; load average ${conditions.loadAverage}; ${conditions.tookSeconds} s in all\n`,
  );
}
process.exitCode = rows.every((one) => one.holds !== false) ? 0 : 1;
