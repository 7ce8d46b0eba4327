/** One question to the admin port of a running proxy. */
import { EXIT, messageOf, ShadowError } from '../errors.ts';

/** A port that takes the question and never answers must not hold a person at a terminal. */
const PATIENCE_MS = 10_000;

/** @throws ShadowError SHADOW_USAGE for what is no address; SHADOW_REFUSED, exit 2, for any answer but the wanted one. */
export async function askAdmin(
  admin: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<object> {
  const url = `${admin.endsWith('/') ? admin.slice(0, -1) : admin}${path}`;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new ShadowError('SHADOW_USAGE', 'this is no address of an admin port', {
      expected: 'a URL',
      actual: admin,
      example: 'shadowread watch --admin http://127.0.0.1:9464',
    });
  }
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) });
    text = await answer.text();
  } catch (error) {
    throw new ShadowError('SHADOW_REFUSED', 'the admin port does not answer', {
      expected: `a running proxy at ${admin}`,
      actual: messageOf(error instanceof Error ? (error.cause ?? error) : error),
      example: 'shadowread watch --admin http://127.0.0.1:9464',
      exit: EXIT.undecided,
    });
  }
  const said = objectIn(text);
  if (answer.ok && said !== null) return said;
  const reason = said === null ? null : reasonIn(said);
  throw new ShadowError('SHADOW_REFUSED', `the admin port answered ${answer.status}`, {
    expected: wantedBy(answer.status, reason !== null, admin),
    ...(reason === null ? {} : { actual: reason }),
    exit: EXIT.undecided,
  });
}

function wantedBy(status: number, isOurs: boolean, admin: string): string {
  if (status === 401 || status === 403) return 'SHADOWREAD_ADMIN_TOKEN to be its token';
  // Whatever else listens there.
  return isOurs ? 'its figures' : `the admin port of a proxy at ${admin}, where another server seems to listen`;
}

/** What an admin port says where it refuses; null for an answer that is none of its own. */
function reasonIn(said: object): string | null {
  if (!('error' in said) || typeof said.error !== 'object' || said.error === null) return null;
  return 'message' in said.error && typeof said.error.message === 'string' ? said.error.message : null;
}

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
