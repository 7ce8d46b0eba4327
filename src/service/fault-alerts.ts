/** Sends each new fault to a webhook, in the background: no read waits for it. */
import { type AlertFacts, DEFAULT_TEMPLATE, fillTemplate } from '../base/alert-template.ts';
import { faultSentence } from '../base/fault-words.ts';
import { faultLink } from '../base/links.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { openFaultNews } from '../journal/fault-alerts.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { Secrets } from './secrets.ts';
import { sendJson } from './webhook.ts';

export interface FaultAlerts {
  close(): Promise<void>;
}

/** Looks at once and then every `alerts.everyMs`. A fault that could not be told is tried again at the next look. */
export function watchFaultAlerts(parts: {
  readonly journalUrl: string;
  readonly config: Config;
  readonly secrets: Pick<Secrets, 'alertUrl' | 'alertToken'>;
  readonly writer: Pick<JournalWriter, 'note'>;
  readonly log: Log;
}): FaultAlerts | null {
  const { config, secrets, writer, log } = parts;
  const { webhook, on, everyMs } = config.alerts;
  const { alertUrl: url } = secrets;
  if (url === null) return null;
  const news = openFaultNews({ url: parts.journalUrl });
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();

  const tell = async (fault: FaultRow): Promise<void> => {
    if (ending.signal.aborted) return;
    const { timeoutMs, tries, template } = webhook;
    const body = fillTemplate(template ?? DEFAULT_TEMPLATE, factsOf(fault, config));
    const to = { url, token: secrets.alertToken, timeoutMs, tries, pauseMs: 500 };
    await sendJson(to, body, ending.signal);
    await writer.note({ who: 'alerts', what: 'alert', subject: `fault ${fault.id}`, before: null, after: fault.state });
  };
  const look = (): Promise<void> =>
    news.each(on, tell).catch((error: unknown) => log.often('alerts', `alerts: ${messageOf(error)}`));
  const next = (): void => {
    turn = look().then(() => {
      if (!ending.signal.aborted) timer = setTimeout(next, everyMs).unref();
    });
  };
  next();
  return {
    async close() {
      ending.abort();
      clearTimeout(timer);
      await turn;
      await news.close();
    },
  };
}

function factsOf(fault: FaultRow, { admin }: Config): AlertFacts {
  const { id, domain, cause, collection, entity, route, routes, reads, firstSeen, state } = fault;
  return {
    id,
    what: state === 'returned' ? 'returned' : 'new',
    domain,
    cause,
    sentence: faultSentence(fault).replaceAll('`', ''),
    where: collection === null ? (route ?? domain) : `${collection}/${entity}`,
    routes: routes.map((one) => one.route).join(', '),
    reads: String(reads),
    firstSeen: new Date(firstSeen).toISOString(),
    link: admin.publicUrl === undefined ? '' : faultLink(admin.publicUrl, id),
  };
}
