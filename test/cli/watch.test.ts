import { createServer } from 'node:http';
import { expect } from 'chai';
import { type Listening, opened } from '../support/mirror-bench.ts';
import { runCommand } from '../support/run-command.ts';

describe('shadowread watch', () => {
  let admin: Listening;
  const asked: string[] = [];
  let answer: { readonly status: number; readonly body: string };
  beforeEach(() => {
    asked.length = 0;
    answer = { status: 200, body: '{"domains":[]}' };
  });
  before(async () => {
    admin = await opened(
      createServer((request, response) => {
        asked.push(`${request.url} ${request.headers.authorization ?? '-'}`);
        response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
      }),
    );
  });
  after(() => admin.close());

  it('asks the admin port that the config names, with its token, unless told otherwise', async () => {
    const environment = { SHADOWREAD_ADMIN_PORT: String(admin.port), SHADOWREAD_ADMIN_TOKEN: 'a-token-of-sixteen' };
    expect((await runCommand(['watch', '--once', '--json'], environment)).status).to.equal(0);
    expect((await runCommand(['watch', '--json', '--admin', `${admin.url}/`])).status).to.equal(0);
    expect(asked).to.deep.equal(['/api/overview Bearer a-token-of-sixteen', '/api/overview -']);
  });

  it('that gets no figures ends with 2, and says what answers there', async () => {
    for (const [status, body, said] of [
      [200, '<html>another server</html>', /another server seems to listen/],
      [200, '{"hello":1}', /no admin port/],
      [200, 'null', /another server seems to listen/],
      [404, 'nothing here', /another server seems to listen/],
      [401, '{"error":{"code":"SHADOW_TOKEN","message":"a token is needed"}}', /SHADOWREAD_ADMIN_TOKEN/],
      [503, '{"error":{"code":"SHADOW_JOURNAL","message":"the journal cannot be read"}}', /the journal cannot be read/],
    ] as const) {
      answer = { status, body };
      const ran = await runCommand(['watch', '--once', '--admin', admin.url]);
      expect(ran.err).to.match(said);
      expect(ran.status, ran.err).to.equal(2);
    }
  });

  it('with nobody there ends with 2, with what is no address with 64', async () => {
    const gone = await opened(createServer());
    await gone.close();
    expect((await runCommand(['watch', '--once', '--admin', gone.url])).status).to.equal(2);
    expect((await runCommand(['watch', '--once', '--admin', 'nonsense'])).status).to.equal(64);
  });
});
