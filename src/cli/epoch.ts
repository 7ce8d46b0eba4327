/** `shadowread epoch new <domain> --reason`: begins new evidence of a domain. */
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { openWriter } from '../journal/writer.ts';
import { apiOrExample } from './api.ts';
import { configOf, isJson, journalUrl, type Options, requireDomain, textOption } from './options.ts';
import { createOutput } from './output.ts';
import { whoActs } from './who.ts';

export async function epoch(args: readonly string[], options: Options): Promise<ExitStatus> {
  const [action, domain = ''] = args;
  const reason = textOption(options, 'reason')?.trim() ?? '';
  if (action !== 'new' || reason === '') {
    throw new ShadowError('SHADOW_USAGE', 'beginning new evidence needs a reason', {
      expected: 'epoch new <domain> --reason <text>',
      actual: action === 'new' ? 'no reason' : `epoch ${action ?? ''}`,
      example: 'shadowread epoch new payments --reason "the first run was overloaded"',
    });
  }
  const loaded = configOf(options);
  requireDomain(domain, (await apiOrExample(loaded)).domains);
  const writer = openWriter({ url: journalUrl(loaded.config) });
  const output = createOutput(isJson(options));
  try {
    const ordinal = await writer.newEpoch(domain, whoActs(options), reason);
    if (output.json) output.document({ domain, epoch: ordinal });
    else output.line(`${domain}: epoch ${ordinal} begins; what was compared before no longer counts.`);
    return EXIT.yes;
  } finally {
    await writer.close();
  }
}
