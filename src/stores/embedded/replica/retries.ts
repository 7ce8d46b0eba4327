import { toNumber } from '../bson/convert.ts';
import { decode } from '../bson/decode.ts';
import { show } from '../bson/show.ts';
import { type Doc, int32, isDoc } from '../bson/values.ts';
import { type Context, listOf, type Reply } from '../commands/context.ts';
import { MongoError } from '../mongo-error.ts';

/** Commands whose writes a driver may send twice. https://www.mongodb.com/docs/manual/core/retryable-writes/ */
const RETRYABLE = ['insert', 'update', 'delete', 'findAndModify', 'findandmodify'];
/** Sessions whose last write is kept. */
const MOST_SESSIONS = 10_000;

interface Done {
  readonly number: bigint;
  readonly reply: Reply;
}

/** The last write of each session: when the same comes again, since its answer was lost, it is answered and not done. */
export class Retries {
  readonly #done = new Map<string, Done>();

  /** Does the command once, whatever the number of times it comes. Without a number it is done each time. */
  once(context: Context, run: () => Reply): Reply {
    const number = context.command.get('txnNumber');
    if (typeof number !== 'bigint') return run();
    const session = sessionOf(context);
    const before = this.#done.get(session);
    if (before !== undefined && before.number === number) return retried(before.reply);
    if (before !== undefined && before.number > number)
      throw new MongoError(
        'TransactionTooOld',
        `Retryable write with txnNumber ${number} is prohibited on session ${session} because a newer retryable write with txnNumber ${before.number} has already started on this session.`,
      );
    const reply = run();
    this.#done.delete(session);
    this.#done.set(session, { number, reply });
    if (this.#done.size > MOST_SESSIONS) this.#done.delete(this.#done.keys().next().value ?? '');
    return reply;
  }
}

function retried(reply: Reply): Reply {
  return new Map([...reply].flatMap((field) => (field[0] === 'ok' ? [['retriedStmts', [int32(0)]], field] : [field])));
}

function sessionOf(context: Context): string {
  const { command, name } = context;
  const session = command.get('lsid');
  if (!isDoc(session))
    throw new MongoError('InvalidOptions', 'Transaction number requires a session ID to also be specified');
  if (!RETRYABLE.includes(name))
    throw new MongoError(
      50768,
      `txnNumber may only be provided for multi-document transactions and retryable write commands. autocommit:false was not provided, and ${name} is not a retryable write command.`,
    );
  for (const statement of statementsOf(context)) {
    if (name === 'update' && statement.get('multi') === true)
      throw new MongoError('InvalidOptions', 'Cannot use (or request) retryable writes with multi=true');
    if (name === 'delete' && toNumber(statement.get('limit')) === 0)
      throw new MongoError('InvalidOptions', 'Cannot use (or request) retryable writes with limit=0');
  }
  return show(session.get('id'));
}

function statementsOf(context: Context): Doc[] {
  const field = context.name === 'update' ? 'updates' : context.name === 'delete' ? 'deletes' : undefined;
  if (field === undefined) return [];
  return context.sequences.get(field)?.map((bytes) => decode(bytes)) ?? listOf(context, field).filter(isDoc);
}
