import { commandsPage } from './commands-page.ts';
import { configPage } from './config-page.ts';
import { httpApiPage, openApi } from './http-api.ts';
import { telemetryPage } from './telemetry-page.ts';

export const REFERENCE = new URL('../../docs/reference/', import.meta.url);

/** The pages that need nothing but the code, by file name. */
export const referencePages = (): Readonly<Record<string, string>> => ({
  'README.md': INDEX,
  'config.md': configPage(),
  'commands.md': commandsPage(),
  'telemetry.md': telemetryPage(),
  'http-api.md': httpApiPage(),
  'openapi.json': openApi(),
});

const INDEX = `# Reference

Look up a name. Generated from the code by \`npm run reference\`: change the code, not these pages.

| page | has |
|---|---|
| [config](config.md) | every option of the config: type, default, meaning, environment, reload |
| [commands](commands.md) | every command: options, defaults, exit status, examples |
| [metrics and traces](telemetry.md) | metrics, labels, spans, attributes |
| [HTTP API](http-api.md) | the calls of the admin port; [openapi.json](openapi.json) has their schemas |
| [journal](journal.md) | the tables that the journal keeps in Postgres |
`;
