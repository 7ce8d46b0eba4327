/** The end of a passage, however it came: its read ends in one verdict or is on its way to one, and the hooks hear of it. */
import type { Passage } from './passage.ts';
import { letGo } from './reading.ts';

export function settle(passage: Passage): void {
  const { front, client, before } = passage;
  passage.closed = true;
  passage.before = null;
  passage.readOn?.();
  if (client.lastPassage === passage) client.lastPassage = before === null || before.closed ? undefined : before;
  // Every other reason to end it was recorded before: the remaining one is that the client has gone.
  letGo(passage, 'client_aborted');
  front.settled(passage);
  const { hooks } = front.options;
  if (passage.route !== null) {
    if (hooks.onServed !== undefined) reportServed(passage);
    if (hooks.onOverhead !== undefined && passage.headersMs > 0) {
      guarded(passage, 'onOverhead', () => hooks.onOverhead?.(passage.overheadMs / 1000));
    }
  }
  reportWrite(passage);
}

/** A caller's write was begun or has ended. */
export function reportWrite(passage: Passage): void {
  const { hooks } = passage.front.options;
  const wrote = passage.wrote || (!passage.safe && passage.route === null);
  if (!wrote || hooks.onWrite === undefined) return;
  guarded(passage, 'onWrite', () => hooks.onWrite?.(passage.caller, Date.now()));
}

function reportServed(passage: Passage): void {
  const { route, answer } = passage;
  if (route === null) return;
  guarded(passage, 'onServed', () => {
    passage.front.options.hooks.onServed?.({
      route,
      side: passage.side,
      fellBack: passage.fellBack,
      status: answer.headersSent ? answer.statusCode : null,
      error: passage.error,
      headersMs: passage.headersMs,
      totalMs: passage.totalMs,
      caller: passage.caller,
    });
  });
}

function guarded(passage: Passage, stage: string, report: () => void): void {
  try {
    report();
  } catch (thrown) {
    passage.front.fault(stage, thrown);
  }
}
