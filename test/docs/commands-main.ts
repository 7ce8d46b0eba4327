/**
 * `node commands-main.ts FOLDER` prints its address and runs the commands that are posted to it, one after the other, in
 * that folder: a process for each would spend most of its time on loading what the one before had loaded. A body is the
 * number of words, the words, and the environment (`NAME=value`), each with a zero byte after it.
 * The answer is what it wrote to stdout; what it wrote to stderr is in the file of that name.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { runCommand } from '../support/run-command.ts';

process.chdir(process.argv[2] ?? '');
const server = createServer(async (request, response) => {
  const [count, ...parts] = (await text(request)).split('\0');
  const environment = parts.slice(Number(count)).flatMap((line) => {
    const [, name = '', value = ''] = /^(SHADOWREAD_\w+)=(.*)$/s.exec(line) ?? [];
    return name === '' ? [] : [[name, value] as const];
  });
  const { out, err } = await runCommand(parts.slice(0, Number(count)), Object.fromEntries(environment));
  writeFileSync('stderr', err);
  response.end(out);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`http://127.0.0.1:${address.port}`);
});
