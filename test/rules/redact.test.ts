import { expect } from 'chai';
import * as kit from '../../src/rules/kit.ts';
import { isShown, redact, redactValue } from '../../src/rules/redact.ts';
import type { JsonValue, RedactedDifference } from '../../src/types.ts';
import { compared, differencesOf } from '../support/comparing.ts';

const rule = kit.object({
  email: kit.text(),
  data: kit.list(kit.object({ name: kit.text() })),
  counts: kit.record(kit.number()),
  metadata: kit.nullable(kit.jsonb()),
  token: kit.secret(),
});
const base = {
  email: 'a@example.org',
  data: [{ name: 'n' }],
  counts: { 'bob@example.org': 1 },
  metadata: { '4111111111111111': { plan: 'x' } },
};
const redacted = (
  changes: Record<string, JsonValue>,
  shown: readonly string[] = [],
  key = 'key',
): readonly RedactedDifference[] =>
  differencesOf(compared(rule, base, { ...base, ...changes })).map((difference) => redact(difference, { key, shown }));

describe('a redacted difference', () => {
  it('has types, lengths and hashes, and no values', () => {
    const [found] = redacted({ email: 'b@example.org' });
    expect(found?.path).to.equal('/email');
    expect(found?.primary).to.include({ type: 'string', length: 13 });
    expect(found?.primary.hash).to.match(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(found)).not.to.contain('example.org');
    expect(found?.primary).not.to.have.property('value');
  });

  it('shows values only at listed paths', () => {
    const [found] = redacted({ data: [{ name: 'm' }] }, ['/data/*/name']);
    expect(found?.primary.value).to.equal('n');
    expect(found?.twin.value).to.equal('m');
    expect(redacted({ data: [{ name: 'm' }] }, ['/data/*'])[0]?.primary).not.to.have.property('value');
    expect(redacted({ data: [{ name: 'm' }] }, ['/data/**'])[0]?.primary.value).to.equal('n');
  });

  it('hides keys of data, even ones that look like positions, and keeps fields and positions', () => {
    const [count] = redacted({ counts: { 'bob@example.org': 2 } });
    expect(count?.path).to.match(/^\/counts\/~k[0-9a-f]{8}$/);
    const [blob] = redacted({ metadata: { '4111111111111111': { plan: 'y' } } });
    expect(blob?.path).to.match(/^\/metadata\/~k[0-9a-f]{8}\/~k[0-9a-f]{8}$/);
    const [extra] = redacted({ passport: 'x' });
    expect(extra?.path).to.match(/^\/~k[0-9a-f]{8}$/);
    expect(redacted({ data: [{ name: 'm' }] })[0]?.path).to.equal('/data/0/name');
  });

  it('shows keys at listed paths', () => {
    expect(redacted({ passport: 'x' }, ['/passport'])[0]?.path).to.equal('/passport');
    expect(redacted({ metadata: { '4111111111111111': { plan: 'y' } } }, ['/metadata/**'])[0]?.path).to.equal(
      '/metadata/4111111111111111/plan',
    );
  });

  it('never shows a secret, listed or not', () => {
    const [found] = redacted({ token: 'hunter2' }, ['/**']);
    expect(found?.kind).to.equal('extra');
    expect(JSON.stringify(found)).not.to.contain('hunter2');
    expect(found?.twin).not.to.have.property('value');
  });

  it('hashes equal values alike within one key, and not across keys', () => {
    expect(redactValue({ a: 1, b: 2 }, 'k').hash).to.equal(redactValue({ b: 2, a: 1 }, 'k').hash);
    expect(redactValue('a', 'k').hash).not.to.equal(redactValue('a', 'l').hash);
    expect(redactValue(undefined, 'k')).to.deep.equal({ type: 'absent', length: null, hash: null });
    expect(redactValue(null, 'k')).to.include({ type: 'null', length: null });
    expect(redactValue([1, 2], 'k')).to.include({ type: 'array', length: 2 });
  });
});

describe('patterns of shown paths', () => {
  it('match segment by segment', () => {
    expect(isShown('/a/0/b', ['/a/*/b'])).to.equal(true);
    expect(isShown('/a/0/b', ['/a/*'])).to.equal(false);
    expect(isShown('/a/0/b', ['/a/**'])).to.equal(true);
    expect(isShown('/a', ['/a/**'])).to.equal(false);
    expect(isShown('/ab', ['/a*'])).to.equal(false);
    expect(isShown('#status', ['#status'])).to.equal(true);
    expect(isShown('/a', [])).to.equal(false);
  });
});
