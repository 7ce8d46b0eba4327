/**
 * `npm run bench [-- <part>…] [--json] [--seconds N] [--rounds N]`: ours against contenders started here, on loopback, in
 * alternating rounds; medians, spreads and ratios against the budgets of the design. Exit 1 where a budget is not held.
 *
 * Parts: throughput, latency, large, compare, hung, growth, cpu, sink.
 */

import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { table } from '../src/cli/output.ts';
import { benchCompare } from './compare.ts';
import { benchCompareGrowth } from './compare-growth.ts';
import {
  type Contender,
  hasNginx,
  type Kind,
  startContender,
  startNginx,
  startProcesses,
  startUpstream,
  type Threads,
} from './contenders.ts';
import { load } from './load.ts';

interface Row {
  readonly name: string;
  readonly ours: number;
  readonly other: number;
  readonly ratio: number;
  readonly budget: string | null;
  readonly holds: boolean | null;
  readonly remark?: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
  },
});
const SECONDS = Number(values.seconds);
const ROUNDS = Number(values.rounds);
const PARTS = ['throughput', 'latency', 'large', 'compare', 'hung', 'growth', 'cpu', 'sink'] as const;
const wanted = positionals.length === 0 ? PARTS : PARTS.filter((part) => positionals.includes(part));
const note = (text: string): void => void process.stderr.write(`${text}\n`);

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
const row = (
  name: string,
  ours: number,
  other: number,
  budget: { readonly text: string; readonly holds: boolean } | null,
  remark?: string,
): Row => ({
  name,
  ours: round(ours),
  other: round(other),
  ratio: round(ours / other),
  budget: budget?.text ?? null,
  holds: budget?.holds ?? null,
  ...(remark === undefined ? {} : { remark }),
});
const atLeast = (ratio: number, least: number) => ({ text: `>= ${least} x`, holds: ratio >= least });
const atMost = (ratio: number, most: number, unit = 'x') => ({ text: `<= ${most} ${unit}`, holds: ratio <= most });
const things = (count: number, kb: number): string[] =>
  Array.from({ length: count }, (_, id) => `/things/${id.toString(16).padStart(24, '0')}?kb=${kb}`);

const primary = await startUpstream();
const twin = await startUpstream();
const closing: (() => void | Promise<void>)[] = [() => primary.close(), () => twin.close()];

async function contenders(kinds: readonly Kind[]): Promise<Map<string, Contender>> {
  const made = new Map<string, Contender>();
  for (const kind of kinds) {
    const contender = await startContender(kind, primary.port, twin.port);
    closing.push(contender.close);
    made.set(kind, contender);
    // Until its code is compiled: before, what is measured is the compiler.
    await load({ port: contender.port, targets: things(50, 2), connections: 16, seconds: 3 });
  }
  return made;
}

/** The same load on each contender in turn, round by round; what `of` takes of each, medians over the rounds. */
async function rounds(
  all: ReadonlyMap<string, { readonly port: number }>,
  loadOf: (port: number) => ReturnType<typeof load>,
): Promise<Map<string, { perSecond: number; p50: number; p99: number; failed: number; spread: string }>> {
  const taken = new Map<string, Awaited<ReturnType<typeof load>>[]>();
  for (let turn = 0; turn < ROUNDS; turn++) {
    const order = turn % 2 === 0 ? [...all] : [...all].toReversed();
    for (const [name, { port }] of order) taken.set(name, [...(taken.get(name) ?? []), await loadOf(port)]);
  }
  return new Map(
    [...taken].map(([name, results]) => {
      const rates = results.map((result) => result.perSecond);
      return [
        name,
        {
          perSecond: median(rates),
          p50: median(results.map((result) => result.p50)),
          p99: median(results.map((result) => result.p99)),
          failed: results.reduce((sum, result) => sum + result.failed, 0),
          spread: `${Math.round(Math.min(...rates))}-${Math.round(Math.max(...rates))}`,
        },
      ];
    }),
  );
}

async function throughput(): Promise<Row[]> {
  const all = await contenders(['plain', 'naive', 'long-off', 'off', 'long-on', 'on']);
  const withNginx = new Map<string, { readonly port: number }>([['direct', primary], ...all]);
  if (hasNginx()) {
    for (const mirror of [false, true]) {
      const nginx = await startNginx(
        primary.port,
        twin.port,
        20_000 + (process.pid % 20_000) + (mirror ? 1 : 0),
        mirror,
      );
      closing.push(nginx.close);
      withNginx.set(nginx.name, nginx);
    }
  }
  const rows: Row[] = [];
  for (const kb of [2, 50]) {
    note(`throughput at ${kb} KB`);
    const before = await all.get('on')?.figures();
    const got = await rounds(withNginx, (port) =>
      load({ port, targets: things(1_000, kb), connections: 32, seconds: SECONDS }),
    );
    const after = await all.get('on')?.figures();
    const plain = got.get('plain')?.perSecond ?? Number.NaN;
    const of = (name: string): number => got.get(name)?.perSecond ?? Number.NaN;
    const seen = (after?.seen ?? 0) - (before?.seen ?? 0);
    const verified = ((after?.verdicts.match ?? 0) - (before?.verdicts.match ?? 0)) / Math.max(1, seen);
    if (kb === 2)
      rows.push(
        row(
          'throughput, shadow off, 2 KB (requests/s)',
          of('off'),
          plain,
          atLeast(of('off') / plain, 1.15),
          `spread ${got.get('off')?.spread}`,
        ),
      );
    rows.push(
      row(
        kb === 2
          ? 'throughput, every read offered, 2 KB (requests/s)'
          : 'throughput, every read offered, 50 KB (requests/s)',
        of('on'),
        plain,
        atLeast(of('on') / plain, 0.8),
        `spread ${got.get('on')?.spread}; ${Math.round(verified * 100)} % verified, the rest shed and counted`,
      ),
    );
    for (const name of ['naive', 'long-off', 'long-on'])
      rows.push(row(`  ${name} against plain, ${kb} KB`, of(name), plain, null));
    for (const name of ['direct', 'nginx', 'nginx with mirror'])
      if (got.has(name)) rows.push(row(`  ${name} against plain, ${kb} KB`, of(name), plain, null));
    const failed = ['off', 'on'].reduce((sum, name) => sum + (got.get(name)?.failed ?? 0), 0);
    rows.push({
      name: `  failed requests of ours, ${kb} KB`,
      ours: failed,
      other: 0,
      ratio: 0,
      budget: '0',
      holds: failed === 0,
    });
  }
  return rows;
}

async function latency(): Promise<Row[]> {
  const all = await contenders(['plain', 'naive', 'off', 'on']);
  const rows: Row[] = [];
  for (const [rate, p50, p99] of [
    [500, 0.15, 0.5],
    [1_500, 0.25, 1.5],
  ] as const) {
    note(`latency at ${rate} requests/s, open loop`);
    const got = await rounds(all, (port) =>
      load({ port, targets: things(1_000, 2), connections: 64, seconds: SECONDS, rate }),
    );
    const of = (name: string) => got.get(name) ?? { p50: Number.NaN, p99: Number.NaN };
    for (const [share, budget] of [
      ['p50', p50],
      ['p99', p99],
    ] as const) {
      const added = of('on')[share] - of('off')[share];
      rows.push({
        name: `added ${share} at ${rate}/s (ms, on less off)`,
        ours: round(of('on')[share], 3),
        other: round(of('off')[share], 3),
        ratio: round(added, 3),
        budget: `<= ${budget} ms`,
        holds: added <= budget,
      });
      rows.push({
        name: `  naive: added ${share} at ${rate}/s (ms, naive less plain)`,
        ours: round(of('naive')[share], 3),
        other: round(of('plain')[share], 3),
        ratio: round(of('naive')[share] - of('plain')[share], 3),
        budget: null,
        holds: null,
      });
    }
  }
  return rows;
}

async function large(): Promise<Row[]> {
  note('small reads beside six answers of 1.5 MB a second');
  const all = await contenders(['naive', 'off', 'on']);
  const got = await rounds(all, async (port) => {
    const [small] = await Promise.all([
      load({ port, targets: things(500, 2), connections: 32, seconds: SECONDS, rate: 300 }),
      load({ port, targets: things(20, 1_500), connections: 4, seconds: SECONDS, rate: 6 }),
    ]);
    return small;
  });
  const of = (name: string): number => got.get(name)?.p99 ?? Number.NaN;
  return [
    row(
      "small reads' p99 beside 6 x 1.5 MB/s (ms, on against off)",
      of('on'),
      of('off'),
      atMost(of('on') / of('off'), 3),
    ),
    row('  the same, naive against off', of('naive'), of('off'), null),
  ];
}

/** Sockets of a process, from /proc. */
const socketsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function hung(): Promise<Row[]> {
  const seconds = Math.max(10, SECONDS * 5);
  note(`a twin that hangs, 500 requests/s for ${seconds} s`);
  const hanging = await startUpstream('hang');
  closing.push(() => hanging.close());
  const ours = await startContender('on', primary.port, hanging.port);
  closing.push(ours.close);
  await load({ port: ours.port, targets: things(200, 2), connections: 32, seconds: 2, rate: 500 });
  const [before, sockets] = [(await ours.figures()).memory, socketsOf(ours.pid)];
  const result = await load({ port: ours.port, targets: things(1_000, 2), connections: 32, seconds, rate: 500 });
  const [after, socketsAfter] = [(await ours.figures()).memory, socketsOf(ours.pid)];
  const grown = (after - before) / 1_048_576;
  return [
    {
      name: `twin hangs, ${seconds} s: memory grown (MB)`,
      ours: round(grown, 1),
      other: 0,
      ratio: round(grown, 1),
      budget: '<= 50 MB',
      holds: grown <= 50,
    },
    {
      name: 'twin hangs: sockets grown',
      ours: socketsAfter - sockets,
      other: 0,
      ratio: socketsAfter - sockets,
      budget: '<= 64 + 10',
      holds: socketsAfter - sockets <= 74,
    },
    {
      name: 'twin hangs: failed client requests',
      ours: result.failed,
      other: 0,
      ratio: 0,
      budget: '0',
      holds: result.failed === 0,
    },
  ];
}

async function growth(): Promise<Row[]> {
  const all = await contenders(['on']);
  const on = all.get('on');
  if (on === undefined) return [];
  const rows: Row[] = [];
  let base = Number.NaN;
  for (const connections of [10, 100, 1_000]) {
    note(`growth: ${connections} connections`);
    const { perSecond, failed } = await load({
      port: on.port,
      targets: things(1_000, 2),
      connections,
      seconds: SECONDS,
    });
    if (connections === 10) base = perSecond;
    rows.push(row(`${connections} connections (requests/s, against 10)`, perSecond, base, null, `${failed} failed`));
  }
  for (const processes of [1, 2]) {
    note(`growth: ${processes} ${processes === 1 ? 'process' : 'processes'}`);
    const ours = await startProcesses('proxy', processes, primary.port, twin.port);
    closing.push(ours.close);
    const given = { port: ours.port, targets: things(1_000, 2), connections: 64, seconds: SECONDS };
    const warm = await load(given);
    const { perSecond, failed, requests } = await load(given);
    if (processes === 1) base = perSecond;
    const missing = warm.requests + requests - (await ours.seen());
    const remark = `${failed} failed, ${missing} of ${requests} reads not counted`;
    rows.push(row(`--processes ${processes} (requests/s, against 1)`, perSecond, base, null, remark));
    await ours.close();
    closing.pop();
  }
  const before = (await on.figures()).memory;
  for (const urls of [10, 1_000, 100_000]) {
    note(`growth: ${urls} distinct URLs`);
    await load({ port: on.port, targets: things(urls, 2), connections: 32, seconds: SECONDS });
    const grown = ((await on.figures()).memory - before) / 1_048_576;
    rows.push({
      name: `${urls} distinct URLs: memory grown (MB)`,
      ours: round(grown, 1),
      other: 0,
      ratio: round(grown, 1),
      budget: urls === 100_000 ? '<= 150 MB' : null,
      holds: urls === 100_000 ? grown <= 150 : null,
    });
  }
  return rows;
}

/** CPU a request, main thread and workers apart, all contenders by turns at a rate that none of them feels. */
async function cpu(): Promise<Row[]> {
  note('CPU a request at 500 requests/s');
  const all = await contenders(['plain', 'naive', 'long-off', 'off', 'long-on', 'on']);
  const spent = new Map<string, Threads[]>();
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const [name, contender] of turn % 2 === 0 ? [...all] : [...all].toReversed()) {
      const before = contender.threads();
      const { requests } = await load({
        port: contender.port,
        targets: things(1_000, 2),
        connections: 32,
        seconds: SECONDS,
        rate: 500,
      });
      const after = contender.threads();
      const a = (of: keyof Threads): number => (after[of] - before[of]) / requests;
      spent.set(name, [...(spent.get(name) ?? []), { main: a('main'), workers: a('workers'), other: a('other') }]);
    }
  }
  const of = (name: string, whose: keyof Threads): number => median((spent.get(name) ?? []).map((one) => one[whose]));
  const sum = (name: string): number => of(name, 'main') + of(name, 'workers') + of(name, 'other');
  return [...all.keys()].map((name) =>
    row(
      `CPU a request, all threads (µs), ${name} against plain`,
      sum(name),
      sum('plain'),
      null,
      `main ${round(of(name, 'main'), 0)}, workers ${round(of(name, 'workers'), 0)}, garbage and the like ${round(of(name, 'other'), 0)}`,
    ),
  );
}

/** What our sink costs nginx behind its mirror, against the least that can stand there. */
async function sink(): Promise<Row[]> {
  if (!hasNginx()) {
    note('nginx is not installed: no figures of a mirror');
    return [];
  }
  note("nginx's throughput with our sink behind its mirror");
  const empty = await startUpstream('empty');
  closing.push(() => empty.close());
  const ours = await startProcesses('sink', 1, primary.port, twin.port);
  closing.push(ours.close);
  const all = new Map<string, { readonly port: number }>();
  for (const [name, port] of [
    ['empty', empty.port],
    ['sink', ours.port],
  ] as const) {
    const nginx = await startNginx(primary.port, port, 20_000 + (process.pid % 20_000) + all.size + 2, true);
    closing.push(nginx.close);
    all.set(name, nginx);
    await load({ port: nginx.port, targets: things(50, 2), connections: 16, seconds: 3 });
  }
  const got = await rounds(all, (port) => load({ port, targets: things(1_000, 2), connections: 32, seconds: SECONDS }));
  const of = (name: string): number => got.get(name)?.perSecond ?? Number.NaN;
  return [
    row(
      'nginx with `mirror` to our sink, 2 KB (requests/s), against an empty server',
      of('sink'),
      of('empty'),
      atLeast(of('sink') / of('empty'), 0.95),
      `spread ${got.get('sink')?.spread}; ${got.get('sink')?.failed} failed`,
    ),
  ];
}

const rows: Row[] = [];
try {
  for (const part of wanted) {
    switch (part) {
      case 'throughput':
        rows.push(...(await throughput()));
        break;
      case 'latency':
        rows.push(...(await latency()));
        break;
      case 'large':
        rows.push(...(await large()));
        break;
      case 'compare':
        note('the compare kernel');
        rows.push(...benchCompare(), ...benchCompareGrowth());
        break;
      case 'hung':
        rows.push(...(await hung()));
        break;
      case 'growth':
        rows.push(...(await growth()));
        break;
      case 'sink':
        rows.push(...(await sink()));
        break;
      case 'cpu':
        rows.push(...(await cpu()));
        break;
      default:
        part satisfies never;
    }
  }
} finally {
  await Promise.all(closing.map((close) => close()));
}
const [core] = cpus();
const machine = `${cpus().length} x ${core?.model ?? 'unknown'}`;
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ machine, versions: { node: process.versions.node, v8: process.versions.v8 }, rows })}\n`,
  );
else {
  process.stdout.write(
    `${table(
      [
        { title: 'what', cell: (one: Row) => one.name },
        { title: 'ours', align: 'right', cell: (one) => String(one.ours) },
        { title: 'other', align: 'right', cell: (one) => String(one.other) },
        { title: 'ratio', align: 'right', cell: (one) => String(one.ratio) },
        { title: 'budget', cell: (one) => one.budget ?? '' },
        { title: 'holds', cell: (one) => (one.holds === null ? '' : one.holds ? 'yes' : 'NO') },
        { title: '', cell: (one) => one.remark ?? '' },
      ],
      rows,
    )}\n${machine}, Node ${process.versions.node}\n`,
  );
}
process.exitCode = rows.every((one) => one.holds !== false) ? 0 : 1;
