import { createServer } from 'node:http';
import { expect } from 'chai';
import { type Listening, opened } from '../support/mirror-bench.ts';
import { runCommand } from '../support/run-command.ts';

describe('shadowread watch', () => {
  let admin: Listening;
  const asked: string[] = [];
  before(async () => {
    admin = await opened(
      createServer((request, response) => {
        asked.push(`${request.url} ${request.headers.authorization ?? '-'}`);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"domains":[]}');
      }),
    );
  });
  after(() => admin.close());

  it('asks the admin port that the config names, with its token, unless told otherwise', async () => {
    const environment = { SHADOWREAD_ADMIN_PORT: String(admin.port), SHADOWREAD_ADMIN_TOKEN: 'a-token-of-sixteen' };
    expect((await runCommand(['watch', '--once', '--json'], environment)).status).to.equal(0);
    expect((await runCommand(['watch', '--json', '--admin', admin.url])).status).to.equal(0);
    expect(asked).to.deep.equal(['/api/overview Bearer a-token-of-sixteen', '/api/overview -']);
  });
});
