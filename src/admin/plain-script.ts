/** Our own modules as a browser runs them: an installed build has them as JavaScript, in a checkout their types are removed. */
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/**
 * On a thread of its own, since what removes types is 100 ms and more of work to load and would hold up clients' reads. That Node
 * calls it experimental is of no use to who opens a dashboard.
 */
const STRIP = `
  const { stripTypeScriptTypes } = require('node:module');
  const { parentPort, workerData } = require('node:worker_threads');
  process.emitWarning = () => undefined;
  parentPort.postMessage(stripTypeScriptTypes(workerData));
`;

/** The source of a file without its types. @throws what the file system says, or why it cannot be parsed */
export async function plainScript(file: string): Promise<string> {
  const source = await readFile(file, 'utf8');
  return file.endsWith('.ts') ? stripped(source) : source;
}

function stripped(source: string): Promise<string> {
  const worker = new Worker(STRIP, { eval: true, workerData: source, execArgv: [] });
  return new Promise((resolve, reject) => {
    worker.once('message', (text: unknown) => resolve(String(text)));
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread that removes types ended early')));
  });
}
