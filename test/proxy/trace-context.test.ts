import { expect } from 'chai';
import fc from 'fast-check';
import { randomHex, traceOf } from '../../src/proxy/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('trace context', () => {
  for (const [field, sampled] of [
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`cc-${TRACE}-${SPAN}-01`, true],
    [`cc-${TRACE}-${SPAN}-00-what-comes-later`, false],
  ] as const) {
    it(`${field} is continued, sampled ${sampled}`, () => {
      const ids = traceOf(field);
      expect(ids).to.include({ traceId: TRACE, parentSpanId: SPAN, sampled });
      expect(ids.spanId)
        .to.match(/^[0-9a-f]{16}$/)
        .and.not.equal(SPAN);
    });
  }

  for (const field of [
    ...[
      null,
      '',
      'x',
      `00-${TRACE}-${SPAN}`,
      `00-${TRACE}-${SPAN}-1`,
      `00-${TRACE}-${SPAN}-0g`,
      `00-${TRACE}-${SPAN}-01-more`,
    ],
    ...[
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `ff-${TRACE}-${SPAN}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    ],
    ...[
      `00_${TRACE}_${SPAN}_01`,
      ` 00-${TRACE}-${SPAN}-01`,
      `cc-${TRACE}-${SPAN}-01.later`,
      `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    ],
  ]) {
    it(`${field} is as if none had been sent`, () => {
      const ids = traceOf(field);
      expect(ids.traceId)
        .to.match(/^[0-9a-f]{32}$/)
        .and.not.equal(TRACE);
      expect(ids).to.include({ parentSpanId: null, sampled: true });
    });
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (field) => traceOf(field).traceId.length === 32),
      { seed: 3 },
    );
  });

  it('a hundred thousand ids are all different', () => {
    const ids = new Set(Array.from({ length: 100_000 }, () => randomHex(8)));
    expect(ids.size).to.equal(100_000);
  });
});
