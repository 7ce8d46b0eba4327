/** The desk of a command that repairs: the journal for its record, and both sides to ask again. */
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import { openBothSides } from '../service/both-sides.ts';
import { createFaultDesk, type FaultDesk } from '../service/fault-desk.ts';
import { readSecrets } from '../service/secrets.ts';
import { mappedApiOf } from './api.ts';
import { configOf, type Options, textOption } from './options.ts';
import { whoActs } from './who.ts';

/** Null without a journal: nothing is kept then, and no fault is known. */
export async function withFaultDesk<T>(options: Options, work: (desk: FaultDesk | null) => Promise<T>): Promise<T> {
  const loaded = configOf(options);
  const { config } = loaded;
  const { url } = config.journal;
  if (url === undefined) return work(null);
  const sides = openBothSides(config, await mappedApiOf(loaded), readSecrets(config, process.env));
  const reader = openReader({ url });
  const writer = openWriter({ url });
  try {
    const { recheck } = sides;
    return await work(
      createFaultDesk({ reader, writer, recheck, who: whoActs(options), reason: textOption(options, 'reason') }),
    );
  } finally {
    await Promise.all([sides.close(), reader.close(), writer.close()]);
  }
}
