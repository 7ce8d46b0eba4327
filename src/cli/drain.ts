/** `shadowread drain`: new writes from MongoDB to Postgres. */
import { count, counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { followChanges } from '../migration/change-stream.ts';
import { drainAll } from '../migration/drain.ts';
import { startDrain } from '../migration/drain-worker.ts';
import { flagOption, isJson, type Options, textOption } from './options.ts';
import { createOutput } from './output.ts';
import { serveUntilStopped } from './serving.ts';
import { withStores } from './stores.ts';

/**
 * Exit 0 where all were applied, 1 where Postgres refused some. With `--follow` it runs until stopped, or until a change
 * stream has lost writes.
 */
export async function drain(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  const follow = flagOption(options, 'follow');
  const streamed = textOption(options, 'source') === 'changestream';
  if (streamed && !follow) {
    throw new ShadowError('SHADOW_USAGE', 'a change stream never ends, so a single drain of it cannot', {
      expected: '--follow with --source changestream',
      example: 'shadowread drain --follow --source changestream',
    });
  }
  const restart = flagOption(options, 'restart');
  if (restart && !streamed) {
    throw new ShadowError(
      'SHADOW_USAGE',
      '--restart is for change streams: outboxes are always read from their beginning',
      {
        expected: '--restart only with --source changestream',
        example: 'shadowread drain --follow --source changestream --restart',
      },
    );
  }
  return withStores(options, async (parts) => {
    if (!follow) {
      const result = await drainAll(parts);
      if (output.json) output.document(result);
      else
        output.line(
          `${counted(result.drained, 'document')} carried over, ${count(result.failed)} refused (shadowread gaps)`,
        );
      return result.failed === 0 ? EXIT.yes : EXIT.no;
    }
    const onNote = (text: string): void => output.note(text);
    const addresses = { draining: true };
    if (!streamed) {
      const worker = startDrain({ ...parts, onNote });
      const sentence = 'draining the outbox until stopped';
      await serveUntilStopped({ addresses, sentence, close: () => worker.close() }, options);
      return EXIT.yes;
    }
    const follower = await followChanges({ ...parts, onNote, restart });
    let lost: ShadowError | null = null;
    const ended = follower.lost.then((reason) => {
      lost = reason;
    });
    const sentence = 'draining the change stream until stopped';
    await serveUntilStopped({ addresses, sentence, ended, close: () => follower.close() }, options);
    if (lost !== null) throw lost;
    return EXIT.yes;
  });
}
