/**
 * ln of the gamma function for x > 0, by Stirling's series after the recurrence has carried x past 10 (Abramowitz and
 * Stegun 6.1.41); relative error under 1e-14.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  let shift = 0;
  let at = x;
  if (at < 10) {
    let product = 1;
    while (at < 10) {
      product *= at;
      at += 1;
    }
    shift = Math.log(product);
  }
  return (at - 0.5) * Math.log(at) - at + HALF_LOG_2PI + tail(at) - shift;
}

/** ln of the beta function B(a, b), a and b > 0. Where one is much larger, without the cancellation of three large terms. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < 10) return logGamma(small) + logGamma(large) - logGamma(small + large);
  // ln(G(large) / G(large + small)) from Stirling's form of both.
  const ratio =
    (0.5 - large) * Math.log1p(small / large) -
    small * Math.log(large + small) +
    small +
    tail(large) -
    tail(large + small);
  return logGamma(small) + ratio;
}

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

function tail(x: number): number {
  const inverse = 1 / x;
  const square = inverse * inverse;
  return inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
}
