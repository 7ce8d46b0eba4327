import type { TwinRoute } from './route.ts';
import { createTwin } from './server.ts';

export interface RunTwinOptions {
  readonly databaseUrl: string;
  readonly routes: readonly TwinRoute[];
  readonly port?: number;
  readonly host?: string;
  readonly build?: string;
  /** Connections to Postgres at most. */
  readonly connections?: number;
}

/** Starts the Postgres twin. The tables must be there (`migrate`). */
export async function runTwin(
  options: RunTwinOptions,
): Promise<{ url: string; build: string; close(): Promise<void> }> {
  const twin = createTwin({
    databaseUrl: options.databaseUrl,
    routes: options.routes,
    ...(options.build === undefined ? {} : { build: options.build }),
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  });
  try {
    const url = await twin.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    return { url, build: twin.build, close: twin.close };
  } catch (error) {
    await twin.close();
    throw error;
  }
}
