/**
 * Coverage of the gate's bound by simulation: `node bench/confidence.ts [--json]`. Exits 1 where the realised error is
 * above the promised one, or the fixed-sample bound does not fail (then the simulation itself would be too weak).
 */
import { parseArgs } from 'node:util';
import { simulateBound, simulationText } from '../src/gate/bound-simulation.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    reads: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const started = performance.now();
const simulation = simulateBound({
  runs: Number(values.runs),
  reads: Number(values.reads),
  alpha: 0.01,
  rates: [0, 0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01],
  seed: Number(values.seed),
});
const seconds = (performance.now() - started) / 1_000;
console.log(
  values.json ? JSON.stringify({ ...simulation, seconds }) : `${simulationText(simulation)}\n${seconds.toFixed(1)} s`,
);
process.exitCode = simulation.holds && simulation.naiveFails ? 0 : 1;
