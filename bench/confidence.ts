/** `node bench/confidence.ts`: coverage of the gate's bound by simulation; `--help` says what it takes. */
import { toolOf, wholeFrom } from '../config/tool.ts';
import { simulateBound, simulationText } from '../src/gate/bound-simulation.ts';

interface Asked {
  readonly runs: number;
  readonly reads: number;
  readonly seed: number;
  readonly json: boolean;
}

const { runs, reads, seed, json } = toolOf({
  usage: 'node bench/confidence.ts',
  description: "Simulates how often the gate's bound is wrong, beside a bound for a fixed number of reads.",
  exits: {
    0: 'the realised error is within the promised one',
    1: 'it is not, or the fixed bound did not fail: then the simulation is too weak',
  },
})
  .option('--runs <number>', 'simulated evaluations', wholeFrom(1, 1e9), 10_000)
  .option('--reads <number>', 'reads of each', wholeFrom(1, 1e9), 20_000)
  .option('--seed <number>', 'of the random draws', wholeFrom(0, 1e9), 1)
  .option('--json', 'prints JSON', false)
  .parse()
  .opts<Asked>();

const started = performance.now();
const simulation = simulateBound({
  runs,
  reads,
  alpha: 0.01,
  rates: [0, 0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01],
  seed,
});
const seconds = (performance.now() - started) / 1_000;
console.log(
  json ? JSON.stringify({ ...simulation, seconds }) : `${simulationText(simulation)}\n${seconds.toFixed(1)} s`,
);
process.exitCode = simulation.holds && simulation.naiveFails ? 0 : 1;
