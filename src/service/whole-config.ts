/** A config with all that it names (modules, keys, certificates): what is wrong with any of it is told at once. */
import type { LoadedApi } from '../api/load.ts';
import { readCertificate } from '../base/certificate.ts';
import { type Config, ConfigError, type ConfigMistake, type Environment, type LoadedConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { ApiLoader } from './api-of.ts';
import { secretMistakes } from './secrets.ts';
import { authorityOf, clientOf } from './trust.ts';

export interface WholeConfig {
  readonly loaded: LoadedConfig;
  readonly api: LoadedApi;
}

/** `read` gives the config, or throws what is wrong with it by itself. @throws ConfigError with every mistake */
export async function wholeConfig(
  read: () => LoadedConfig,
  environment: Environment,
  apiOf: ApiLoader,
): Promise<WholeConfig> {
  let loaded: LoadedConfig;
  try {
    loaded = read();
  } catch (error) {
    if (!(error instanceof ConfigError) || error.draft === null) throw error;
    throw new ConfigError(error.file, inOrder([...error.mistakes, ...(await apiOf.unloadableOf(error.draft))]));
  }
  const unreadable = fileMistakes(loaded, environment);
  try {
    const api = await apiOf(loaded);
    if (unreadable.length === 0) return { loaded, api };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    unreadable.unshift(...error.mistakes);
  }
  throw new ConfigError(loaded.file, inOrder(unreadable));
}

/** In the order of the file; those without a line come last. */
function inOrder(mistakes: readonly ConfigMistake[]): readonly ConfigMistake[] {
  const place = ({ line }: ConfigMistake): number => line ?? Number.POSITIVE_INFINITY;
  return mistakes.toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

/** Keys, tokens and certificates that a start would refuse. */
function fileMistakes({ config, lineOf }: LoadedConfig, environment: Environment): ConfigMistake[] {
  const told = (path: readonly string[], message: string): ConfigMistake => ({
    line: lineOf(path),
    path: path.join('.'),
    message,
  });
  const mistakes = secretMistakes(config, environment).map(({ path, message }) => told(path, message));
  for (const [path, readFiles] of certificatesOf(config)) {
    try {
      readFiles();
    } catch (error) {
      mistakes.push(told(path, messageOf(error)));
    }
  }
  return mistakes;
}

function certificatesOf(config: Config): readonly (readonly [path: readonly string[], readFiles: () => unknown])[] {
  const { tls } = config.listen;
  return [
    [['primary', 'tls', 'caFile'], () => authorityOf('primary', config)],
    [['primary', 'tls', 'client'], () => clientOf('primary', config)],
    [['twin', 'tls', 'caFile'], () => authorityOf('twin', config)],
    [['twin', 'tls', 'client'], () => clientOf('twin', config)],
    [['listen', 'tls'], () => (tls === undefined ? null : readCertificate(tls))],
  ];
}
