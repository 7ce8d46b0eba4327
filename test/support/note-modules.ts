/** Preloaded with `--import`: each thread of the process adds the modules that it loads to the file NOTED_MODULES. */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const noted = process.env.NOTED_MODULES;
if (noted === undefined) throw new Error('NOTED_MODULES names no file');
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    appendFileSync(noted, `${isMainThread ? 'main' : 'worker'} ${found.url}\n`);
    return found;
  },
});
