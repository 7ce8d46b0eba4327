import { expect } from 'chai';
import { type AlertFacts, DEFAULT_TEMPLATE, fillTemplate, templateMistake } from '../../src/base/alert-template.ts';

const facts: AlertFacts = {
  id: '3fa9c1',
  what: 'new',
  domain: 'payments',
  cause: 'data_drift',
  sentence: 'a "quoted"\nline \\ and \ud800',
  where: 'payments/66d4',
  routes: 'GET /api/payments',
  reads: '3',
  firstSeen: '2026-01-01T00:00:00.000Z',
  link: '',
};

describe("an alert's template", () => {
  it('stays JSON whatever the facts hold', () => {
    expect(JSON.parse(fillTemplate('{"text":"{{ sentence }}: {{id}}"}', facts))).to.deep.equal({
      text: `${facts.sentence.toWellFormed()}: 3fa9c1`,
    });
    expect(JSON.parse(fillTemplate(DEFAULT_TEMPLATE, facts))).to.include({ fault: '3fa9c1', what: 'new' });
    expect(JSON.parse(fillTemplate('{"text":"{{sentence}}"}', { ...facts, sentence: '{{id}}' }))).to.deep.equal({
      text: '{{id}}',
    });
    expect(JSON.parse(fillTemplate('["{{sentence}}"]', { ...facts, sentence: 'x'.repeat(9_000) }))[0]).to.have.length(
      1_000,
    );
  });

  it('is refused where a name is unknown or it is no JSON', () => {
    expect(templateMistake(DEFAULT_TEMPLATE)).to.equal(null);
    expect(templateMistake('{"text":"{{value}}"}')).to.contain('not {{value}}');
    expect(templateMistake('{"text":"{{constructor}}"}')).to.contain('not {{constructor}}');
    expect(templateMistake('text: {{id}}')).to.contain('JSON');
  });
});
