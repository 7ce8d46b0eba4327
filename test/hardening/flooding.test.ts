/** What clients choose the names of is bounded, however many names they make up; what is counted stays exact. */
import { expect } from 'chai';
import { createAutoRoutes } from '../../src/api/auto-routes.ts';
import { PathShapes } from '../../src/api/path-shapes.ts';
import { undeclaredOf } from '../../src/api/shape.ts';
import { RememberedCallers } from '../../src/mirror/remembered-callers.ts';
import { LoopClaims } from '../../src/proxy/loop-claims.ts';
import { UnknownReadCounts } from '../../src/service/unknown-reads.ts';

const MANY = 20_000;

/** A word of letters alone, another for each number: no form of an id. */
function word(n: number): string {
  let text = '';
  for (let left = n + 27; left > 0; left = Math.floor(left / 26)) text += String.fromCharCode(97 + (left % 26));
  return text;
}
const deep = (n: number): string =>
  `/${Array.from({ length: 16 }, (_, level) => word((n * 31 + level * 7) % (20 * (level + 1)))).join('/')}`;

describe('floods of names', () => {
  it('of paths: places and patterns of `routes: auto` have a bound, and what was known stays a route', () => {
    const shapes = new PathShapes({ places: 2_000, patterns: 300 });
    expect(shapes.see('/orders/17')).to.equal('/orders/:id');
    for (let n = 0; n < MANY; n += 1) shapes.see(deep(n));
    expect(shapes.places).to.be.at.most(2_000);
    expect(shapes.patterns.size).to.be.at.most(300);
    expect(shapes.see('/orders/18')).to.equal('/orders/:id');
    const routes = createAutoRoutes();
    for (let n = 0; n < MANY; n += 1) routes.match('GET', `/${word(n)}/${word(n * 3)}?${word(n)}=1`);
    expect(routes.routes.length).to.be.at.most(500);
  });

  it('of reads of no route: only a few paths are kept, and every read is counted', () => {
    const counts = new UnknownReadCounts([]);
    for (let n = 0; n < MANY; n += 1) counts.see('GET', deep(n));
    const { reads, paths } = counts.top();
    expect(reads).to.equal(MANY);
    expect(paths.length).to.be.at.most(10);
    expect(paths.reduce((sum, { count }) => sum + count, 0)).to.be.at.most(MANY);
  });

  it('of callers: those of shadow reads, and those whose mismatches are remembered', () => {
    const claims = new LoopClaims({ trust: 'nobody', secret: null, key: new Uint8Array(32) });
    for (let n = 0; n < MANY; n += 1) claims.count(`10.0.${n >> 8}.${n & 255}`, `Bearer ${n}`, false);
    const { doubted, callers } = claims.figures();
    expect(doubted).to.equal(MANY);
    expect(callers.length).to.be.at.most(20);

    const remembered = new RememberedCallers();
    const evidence = (n: number) => Buffer.alloc(64, `${n} `.padEnd(64, '-'));
    for (let n = 0; n < 2_000; n += 1) remembered.remember(evidence(n), ['Authorization', `Bearer ${n}`], 0);
    expect(remembered.of(evidence(0), 0)).to.deep.equal([]);
    expect(remembered.of(evidence(1_999), 0)).to.deep.equal(['Authorization', 'Bearer 1999']);
  });

  it('of query parameters: a few are named, and names that may be data are not', () => {
    const query = Array.from({ length: MANY }, (_, n) => `${word(n)}=${n}`).join('&');
    expect(undeclaredOf(new URLSearchParams(query).keys(), () => false)).to.have.length(8);
    expect(undeclaredOf(new URLSearchParams('%1b[31m=1&__proto__=2&x=3').keys(), (name) => name === 'x')).to.deep.equal(
      ['(no name)', '__proto__'],
    );
  });
});
