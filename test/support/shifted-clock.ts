/**
 * Preloaded into a process (`NODE_OPTIONS=--import`), its worker threads included: the time of day is off by as many
 * milliseconds as the file says that SHIFTED_CLOCK names. Clocks for lengths of time run on, as they do on a real machine.
 */
import { readFileSync } from 'node:fs';

const file = process.env.SHIFTED_CLOCK;
const Real = Date;
let shift = 0;

if (file !== undefined) {
  setInterval(() => {
    shift = Number(readFileSync(file, 'utf8')) || 0;
  }, 10).unref();
  const now = (): number => Real.now() + shift;
  globalThis.Date = new Proxy(Real, {
    construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new Real(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}
