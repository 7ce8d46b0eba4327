import { expect } from 'chai';
import { asked, fieldsOf, telling } from '../telling.ts';

describe('traffic/formats/targets', () => {
  it('reads targets with and without a method, host and comment', async () => {
    const told = await telling(
      [
        '# reads',
        '/a',
        '  /b?c=1  ',
        '',
        'GET /c',
        'head\t/d',
        'https://h.example/e#f',
        'POST http://h/g',
        'GET /h 200 5.1 ms - 20',
        '/caf\u00e9',
      ].join('\r\n'),
    );
    expect(told.format).to.equal('targets');
    expect(asked(told)).to.deep.equal([
      'GET /a',
      'GET /b?c=1',
      'GET /c',
      'HEAD /d',
      'GET /e',
      'POST /g',
      'GET /h',
      'GET /caf%C3%A9',
    ]);
    expect(fieldsOf(told.requests[4], 'host')).to.deep.equal(['h.example']);
  });

  it('names lines that are none', async () => {
    const told = await telling('/a\nnonsense\nGET\nftp://h/a\nG@T /x\n/b');
    expect(asked(told)).to.deep.equal(['GET /a', 'GET /b']);
    expect(told.unusable.map(({ line }) => line)).to.deep.equal([2, 3, 4, 5]);
  });
});

describe('traffic/formats/w3c', () => {
  it('reads IIS, whose columns may change in the file', async () => {
    const told = await telling(
      [
        '#Software: Microsoft Internet Information Services 10.0',
        '#Version: 1.0',
        '#Fields: date time cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent)',
        '2026-11-26 10:00:00 GET /a b=1 200 Mozilla/5.0+(X)',
        '2026-11-26 10:00:01 POST /a - 200 -',
        '2026-11-26 10:00:01 GET /a',
        '#Fields: cs-uri-stem cs-method',
        '/c GET',
      ].join('\r\n'),
    );
    expect(told.format).to.equal('w3c');
    expect(asked(told)).to.deep.equal(['GET /a?b=1', 'POST /a', 'GET /c']);
    expect(told.requests[0]?.at).to.equal(Date.parse('2026-11-26T10:00:00Z'));
    expect(fieldsOf(told.requests[0], 'user-agent')).to.deep.equal(['Mozilla/5.0 (X)']);
    expect(told.unusable).to.deep.equal([{ line: 6, why: '4 columns where #Fields names 7' }]);
  });

  it('reads CloudFront', async () => {
    const told = await telling(
      '#Version: 1.0\n#Fields: date time cs-method cs(Host) cs-uri-stem sc-status cs-uri-query x-host-header\n2026-11-26\t10:00:00\tGET\td1.cloudfront.net\t/a\t200\tb=1\tapi.example\n',
    );
    expect(asked(told)).to.deep.equal(['GET /a?b=1']);
    expect(fieldsOf(told.requests[0], 'host')).to.deep.equal(['api.example']);
  });

  it('reads what CloudFront percent-encodes once more', async () => {
    const told = await telling(
      '#Fields: cs-method cs-uri-stem cs-uri-query cs(User-Agent) cs(Cookie)\nGET\t/a%2520b\tq=1%252B1\tMozilla/5.0%20(X;%2520+http://bot)\ta=%2522x%2522\nPOST\t/s\t-\t-\t-\n',
    );
    expect(asked(told)).to.deep.equal(['GET /a%20b?q=1%2B1', 'POST /s']);
    expect(fieldsOf(told.requests[0], 'user-agent')).to.deep.equal(['Mozilla/5.0 (X; +http://bot)']);
    expect(fieldsOf(told.requests[0], 'cookie')).to.deep.equal(['a="x"']);
    expect(told.requests.map(({ bodyLost }) => bodyLost)).to.deep.equal([false, true]);
  });
});
