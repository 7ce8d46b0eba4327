import { send } from '/assets/api.js';
import { html, useState } from '/assets/html.js';
import { useAction } from '/assets/parts.js';

/** Hands the token over once; the port keeps it in a cookie that scripts cannot read. */
export function Login({ entered }) {
  const [token, setToken] = useState('');
  const action = useAction();
  const submit = async (event) => {
    event.preventDefault();
    if ((await action.run(() => send('POST', '/api/session', { token }))) !== undefined) entered();
  };
  return html`<h1>Sign in</h1><form onSubmit=${submit}>
    <label>Admin token <input type="password" autocomplete="current-password" required value=${token} onInput=${(event) => setToken(event.target.value)} /></label>
    <${action.Failure} /><button type="submit" class="small" aria-busy=${action.busy}>Sign in</button></form>`;
}
