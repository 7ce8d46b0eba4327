/** What recorded reads are asked with instead of what was recorded: `--header`, and of which hosts: `--host`. */
import { ShadowError } from '../errors.ts';
import { isField } from '../traffic/formats/target.ts';
import { listOption, type Options } from './options.ts';

/** Fields to ask with: both sides alike, and on top for one side. */
export interface SideHeaders {
  readonly both: Readonly<Record<string, string>>;
  readonly primary: Readonly<Record<string, string>>;
  readonly twin: Readonly<Record<string, string>>;
}

/** @throws ShadowError SHADOW_USAGE */
export const hostsOption = (options: Options): readonly string[] => listOption(options, 'host').map(hostOption);

/** `api.example`, also with a port or as a URL. */
function hostOption(value: string): string {
  const url = `${/^https?:\/\//i.test(value) ? '' : 'http://'}${value}`;
  if (URL.canParse(url) && !/[@\s]/.test(value)) return new URL(url).hostname;
  throw new ShadowError('SHADOW_USAGE', '--host names no host', {
    expected: 'a host, as the requests name it',
    actual: value,
    example: '--host api.example',
  });
}

/** `Name: value` for both sides, `primary:Name: value` and `twin:Name: value` for one. @throws ShadowError SHADOW_USAGE */
export function headersOption(options: Options): SideHeaders {
  const fields: Record<keyof SideHeaders, Record<string, string>> = { both: {}, primary: {}, twin: {} };
  for (const one of listOption(options, 'header')) {
    const [, side, name = '', value = ''] = /^(?:(primary|twin):)?([^:\s]+):\s*(.*)$/s.exec(one) ?? [];
    if (!isField(name, value)) {
      throw new ShadowError('SHADOW_USAGE', 'a header field that cannot be sent', {
        expected: 'Name: value, or primary:Name: value, or twin:Name: value',
        // The value may be a credential.
        actual: one.split(':', 2).join(':').slice(0, 60),
        example: "--header 'Authorization: Bearer …' --header 'twin:X-Env: ci'",
      });
    }
    fields[side === 'primary' || side === 'twin' ? side : 'both'][name] = value;
  }
  return fields;
}
