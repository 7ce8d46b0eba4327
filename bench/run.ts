/** `npm run bench`: ours against contenders started here, on loopback; `--help` says what it takes. */
import { cpus, loadavg } from 'node:os';
import { Argument, Option } from 'commander';
import { numberFrom, toolOf, wholeFrom } from '../config/tool.ts';
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

interface Asked {
  readonly quick: boolean;
  readonly smoke: boolean;
  readonly json: boolean;
  readonly seconds?: number;
  readonly rounds?: number;
}

const tool = toolOf({
  usage: 'npm run bench --',
  description:
    'Compares this proxy with contenders that it starts, on loopback, in alternating rounds: medians, spreads, and ratios against the budgets (docs/bench.md).',
  exits: { 0: 'every budget is held', 1: 'one is not', 2: 'it was interrupted' },
})
  .addArgument(new Argument('[parts...]', 'what to measure; all parts where none is named').choices(Object.keys(PARTS)))
  .addOption(
    new Option('--quick', `what a change may slow, in three minutes: ${QUICK.join(', ')}`)
      .default(false)
      .conflicts('smoke'),
  )
  .option('--smoke', 'every part to its end; judges failures, not time', false)
  .option('--seconds <number>', 'length of a round (default: 3, quick 1, smoke 0.3)', numberFrom(0.1, 600))
  .option('--rounds <number>', 'rounds of each contender (default: 5, smoke 1)', wholeFrom(1, 100))
  .option('--json', 'prints the rows as JSON', false)
  .parse();
const { quick, smoke, ...asked } = tool.opts<Asked>();
const named = tool.args.length > 0 ? tool.args : quick ? QUICK : Object.keys(PARTS);

const began = performance.now();
const setting = await Setting.open(
  {
    seconds: asked.seconds ?? (smoke ? 0.3 : quick ? 1 : 3),
    rounds: asked.rounds ?? (smoke ? 1 : 5),
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
if (asked.json) process.stdout.write(`${JSON.stringify({ ...conditions, rows })}\n`);
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
