/** The text for an exception: its kind and where it was thrown, never its message, which can quote a body, a header or a query. */

/** The kind of what was thrown, such as `TypeError`. */
export function kindOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.constructor.name : typeof thrown;
}

export function crashText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `SHADOW_INTERNAL: a ${typeof thrown} was thrown and ended the process`;
  return ['SHADOW_INTERNAL: an error ended the process: '.concat(kindOf(thrown)), ...framesOf(thrown)].join('\n');
}

/** A system's or a library's code where there is one, the kind, and where. */
export function faultText(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (!(thrown instanceof Error)) return `a ${kindOf(thrown)} was thrown`;
  return [/^\w{1,40}$/.test(code) ? `${code} (${kindOf(thrown)})` : kindOf(thrown), ...framesOf(thrown)].join('\n');
}

function framesOf(thrown: Error): string[] {
  return (thrown.stack ?? '')
    .replace(thrown.message, '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
}
