/** `shadowread twin`: the Postgres twin of the example API, one process. */
import { migrate } from '../amanat/twin/migrate.ts';
import { runTwin } from '../amanat/twin/run.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { amanatRoutes } from '../routes/index.ts';
import { configOf, migrationUrl, numberOption, type Options, textOption } from './options.ts';
import { serveUntilStopped } from './serving.ts';

export async function twin(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const databaseUrl = migrationUrl(configOf(options).config);
  await migrate(databaseUrl);
  const { url, build, close } = await runTwin({
    databaseUrl,
    routes: amanatRoutes,
    port: numberOption(options, 'port') ?? 3_001,
    host: textOption(options, 'host') ?? '127.0.0.1',
  });
  await serveUntilStopped({ addresses: { url, build }, sentence: `twin at ${url}, build ${build}`, close }, options);
  return EXIT.yes;
}
