/** Talking to the admin port: JSON in, JSON out; failures carry the port's own sentence. */

class ApiFailure extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const WHO = 'shadowread.who';
export const whoIs = () => localStorage.getItem(WHO) ?? '';
export const rememberWho = (name) => localStorage.setItem(WHO, name);

async function answerOf(response) {
  const text = await response.text();
  let body = null;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    throw new ApiFailure(
      response.status,
      'SHADOW_BODY',
      `The port answered ${response.status} with something that is not JSON.`,
    );
  }
  if (!response.ok) {
    const { code = 'SHADOW_INTERNAL', message = `The port answered ${response.status}.` } = body?.error ?? {};
    throw new ApiFailure(response.status, code, message);
  }
  return body;
}

async function ask(path, init) {
  try {
    return await answerOf(await fetch(path, { credentials: 'same-origin', ...init }));
  } catch (failure) {
    if (failure instanceof ApiFailure) throw failure;
    throw new ApiFailure(0, 'SHADOW_INTERNAL', 'The admin port does not answer; is the proxy running?');
  }
}

/** Calls `then` where the port takes the cookie no more: the token is another one now, or the cookie is gone. Returns a stop. */
export function whenSignedOut(then) {
  signedOut.addEventListener('out', then);
  return () => signedOut.removeEventListener('out', then);
}

const signedOut = new EventTarget();

async function withCookie(asked) {
  try {
    return await asked;
  } catch (failure) {
    if (failure.status === 401) signedOut.dispatchEvent(new Event('out'));
    throw failure;
  }
}

export const get = (path, signal) => withCookie(ask(path, { signal }));

export const send = (method, path, body) =>
  withCookie(
    ask(path, {
      method,
      headers: { 'content-type': 'application/json', ...(whoIs() === '' ? {} : { 'x-shadow-who': whoIs() }) },
      body: JSON.stringify(body ?? {}),
    }),
  );

/** With a separate token instead of the cookie: it is used once and not stored. */
export const reveal = (id, token, reason) =>
  ask(`/api/mismatches/${encodeURIComponent(id)}/reveal`, {
    method: 'POST',
    credentials: 'omit',
    cache: 'no-store',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(whoIs() === '' ? {} : { 'x-shadow-who': whoIs() }),
    },
    body: JSON.stringify({ reason }),
  });

/** Follows /api/events; EventSource reconnects by itself, `onState` says how it stands. Returns a stop. */
export function follow(onEvent, onState) {
  const source = new EventSource('/api/events');
  let lost = false;
  source.onopen = () => {
    onState('live');
    // Changes that happened without a connection are not sent again.
    if (lost) onEvent({ changed: ['figures'], at: Date.now() });
    lost = false;
  };
  source.onerror = () => {
    lost = true;
    onState(source.readyState === EventSource.CLOSED ? 'off' : 'reconnecting');
  };
  source.onmessage = (message) => {
    onState('live');
    try {
      onEvent(JSON.parse(message.data));
    } catch {
      onState('reconnecting');
    }
  };
  return () => source.close();
}

/** `{ a: 1, b: undefined }` -> `?a=1` */
export function query(parameters) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
