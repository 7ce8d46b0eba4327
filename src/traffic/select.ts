/** Which of the recorded requests are asked: reads of known routes, by the same rule as live, less what the options leave out. */
import { hostNameOf } from '../base/fields.ts';
import { ShadowError } from '../errors.ts';
import type { Route } from '../types.ts';
import type { Recording } from './open.ts';
import { type Question, questionKey } from './question.ts';
import { chanceOf, shuffle } from './random.ts';
import type { RecordedRequest } from './recorded.ts';
import type { Left, Survey } from './survey.ts';

export interface SelectOptions {
  /** The route of a read; null for writes and unknown routes. */
  readonly match: (method: string, target: string) => Route | null;
  /** Epoch ms; a request without a time is left out where one of them is given. */
  readonly since: number | null;
  readonly until: number | null;
  /** Share of the reads, 0..1, drawn by the seed. */
  readonly sample: number;
  readonly seed: number;
  /** One of each question. */
  readonly distinct: boolean;
  /** Most questions of each route; null without a limit. */
  readonly perRoute: number | null;
  /** Only requests to these hosts, port aside; empty for all. */
  readonly hosts: readonly string[];
  /** Only requests whose answer was recorded. */
  readonly recordedOnly: boolean;
  readonly shuffle: boolean;
}

/** A shuffle holds all that it shuffles. */
const MOST_SHUFFLED_BYTES = 512 * 1024 * 1024;

/** The questions of the recordings in the order in which they are asked; everything else is counted in the survey. */
export async function* questionsOf(
  recordings: AsyncIterable<Recording>,
  options: SelectOptions,
  survey: Survey,
): AsyncGenerator<Question> {
  if (!options.shuffle) {
    yield* inOrder(recordings, options, survey);
    return;
  }
  const held: Question[] = [];
  let bytes = 0;
  for await (const question of inOrder(recordings, options, survey)) {
    held.push(question);
    bytes += sizeOf(question.request);
    if (bytes > MOST_SHUFFLED_BYTES) {
      throw new ShadowError('SHADOW_USAGE', '--shuffle holds all reads in memory, and these are too many', {
        expected: `at most ${MOST_SHUFFLED_BYTES / 1024 / 1024} MB of reads`,
        example: '--shuffle --sample 0.1, or --shuffle --per-route 1000',
      });
    }
  }
  shuffle(held, chanceOf(options.seed));
  for (const [index, question] of held.entries()) yield { ...question, index };
}

async function* inOrder(
  recordings: AsyncIterable<Recording>,
  options: SelectOptions,
  survey: Survey,
): AsyncGenerator<Question> {
  const sieve = new Sieve(options);
  let index = 0;
  for await (const recording of recordings) {
    survey.begin(recording.name, recording.format);
    for await (const told of recording.told) {
      if (told.kind === 'unusable') {
        survey.unusable(told);
        continue;
      }
      survey.request();
      const { request } = told;
      const sifted = sieve.sift(request);
      if (typeof sifted === 'string') {
        survey.leave(sifted, request);
        continue;
      }
      survey.selected(hostNameOf(request.rawHeaders));
      yield { index, file: recording.name, request, ...sifted };
      index += 1;
    }
  }
}

class Sieve {
  readonly #options: SelectOptions;
  readonly #chance: () => number;
  readonly #seen = new Set<string>();
  readonly #perRoute = new Map<string, number>();

  constructor(options: SelectOptions) {
    this.#options = options;
    this.#chance = chanceOf(options.seed);
  }

  sift(request: RecordedRequest): Left | { route: Route; key: string } {
    const { options, perRoute } = { options: this.#options, perRoute: this.#perRoute };
    const route = options.match(request.method, request.target);
    if (options.hosts.length > 0 && !options.hosts.includes(hostNameOf(request.rawHeaders))) return 'otherHosts';
    if (route === null) return NEITHER.has(request.method) ? 'unknown' : 'writes';
    if (options.since !== null || options.until !== null) {
      if (request.at === null) return 'withoutTime';
      if (request.at < (options.since ?? Number.NEGATIVE_INFINITY)) return 'outsideTime';
      if (request.at >= (options.until ?? Number.POSITIVE_INFINITY)) return 'outsideTime';
    }
    if (request.bodyLost === true) return 'withoutBody';
    if (options.recordedOnly && request.answer === null) return 'withoutAnswer';
    if (options.sample < 1 && this.#chance() >= options.sample) return 'notSampled';
    const key = questionKey(request);
    if (options.distinct && this.#seen.has(key)) return 'repeated';
    const n = perRoute.get(route.key) ?? 0;
    if (options.perRoute !== null && n >= options.perRoute) return 'beyondPerRoute';
    perRoute.set(route.key, n + 1);
    if (options.distinct) this.#seen.add(key);
    return { route, key };
  }
}

/** Methods that change nothing; a read among them that no route knows is unknown and no write. */
const NEITHER = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

function sizeOf({ target, rawHeaders, body, answer }: RecordedRequest): number {
  const fields = rawHeaders.reduce((sum, part) => sum + part.length, 0);
  return 400 + target.length + fields + (body?.length ?? 0) + (answer?.body.length ?? 0);
}
