/** What the files hold, counted: everything that was read is in exactly one of these numbers. */
import { hostNameOf } from '../base/fields.ts';
import { nameOf } from './question.ts';
import type { RecordedRequest, Unusable } from './recorded.ts';

/** Most different names and warnings that are listed; the rest is only counted. */
const NAMES = 100;
const WARNINGS = 50;

export interface FileSurvey {
  readonly name: string;
  readonly format: string | null;
  readonly requests: number;
  readonly unusable: number;
}

export interface Named {
  readonly name: string;
  readonly n: number;
}

export interface SurveyFigures {
  readonly files: readonly FileSurvey[];
  readonly requests: number;
  /** Pieces of the files that are no requests. */
  readonly unusable: number;
  readonly writes: number;
  /** Reads of unknown routes, and methods that are neither reads nor writes. */
  readonly unknown: number;
  readonly otherHosts: number;
  /** Of those to other hosts the ones of which the file names no host. */
  readonly withoutHost: number;
  readonly outsideTime: number;
  /** Of these the file tells no time, while a time was asked for. */
  readonly withoutTime: number;
  readonly withoutAnswer: number;
  /** Their body decides what is asked, and the file does not hold it. */
  readonly withoutBody: number;
  readonly notSampled: number;
  readonly repeated: number;
  readonly beyondPerRoute: number;
  /** Reads that are asked of both sides. */
  readonly selected: number;
  /** Of these the file names no host: they are asked with the primary's. */
  readonly hostUnknown: number;
  /** The hosts that they were sent to, where the file names them. */
  readonly hosts: readonly Named[];
  readonly writesByName: readonly Named[];
  readonly unknownByName: readonly Named[];
  readonly warnings: readonly (Unusable & { readonly file: string })[];
}

export type Left =
  | 'writes'
  | 'unknown'
  | 'otherHosts'
  | 'outsideTime'
  | 'withoutTime'
  | 'withoutAnswer'
  | 'withoutBody'
  | 'notSampled'
  | 'repeated'
  | 'beyondPerRoute';

export class Survey {
  readonly #files: { name: string; format: string | null; requests: number; unusable: number }[] = [];
  readonly #left = new Map<Left, number>();
  readonly #writes = new Map<string, number>();
  readonly #unknown = new Map<string, number>();
  readonly #warnings: (Unusable & { file: string })[] = [];
  readonly #hosts = new Map<string, number>();
  #selected = 0;
  #hostUnknown = 0;
  #withoutHost = 0;

  begin(name: string, format: string | null): void {
    this.#files.push({ name, format, requests: 0, unusable: 0 });
  }

  unusable({ line, why }: Unusable): void {
    const file = this.#files.at(-1);
    if (file === undefined) return;
    file.unusable += 1;
    if (this.#warnings.length < WARNINGS) this.#warnings.push({ file: file.name, line, why });
  }

  request(): void {
    const file = this.#files.at(-1);
    if (file !== undefined) file.requests += 1;
  }

  /** `host`: empty where the file names none. */
  selected(host: string): void {
    this.#selected += 1;
    if (host === '') this.#hostUnknown += 1;
    else count(this.#hosts, host);
  }

  leave(why: Left, request: RecordedRequest): void {
    this.#left.set(why, (this.#left.get(why) ?? 0) + 1);
    if (why === 'otherHosts' && hostNameOf(request.rawHeaders) === '') this.#withoutHost += 1;
    if (why !== 'writes' && why !== 'unknown') return;
    const names = why === 'writes' ? this.#writes : this.#unknown;
    count(names, nameOf(request));
  }

  figures(): SurveyFigures {
    const left = (why: Left): number => this.#left.get(why) ?? 0;
    return {
      files: this.#files.map((file) => ({ ...file })),
      requests: this.#files.reduce((sum, { requests }) => sum + requests, 0),
      unusable: this.#files.reduce((sum, { unusable }) => sum + unusable, 0),
      writes: left('writes'),
      unknown: left('unknown'),
      otherHosts: left('otherHosts'),
      withoutHost: this.#withoutHost,
      outsideTime: left('outsideTime'),
      withoutTime: left('withoutTime'),
      withoutAnswer: left('withoutAnswer'),
      withoutBody: left('withoutBody'),
      notSampled: left('notSampled'),
      repeated: left('repeated'),
      beyondPerRoute: left('beyondPerRoute'),
      selected: this.#selected,
      hostUnknown: this.#hostUnknown,
      hosts: byName(this.#hosts),
      writesByName: byName(this.#writes),
      unknownByName: byName(this.#unknown),
      warnings: [...this.#warnings],
    };
  }
}

function count(names: Map<string, number>, name: string): void {
  const known = names.has(name) || names.size < NAMES ? name : '(others)';
  names.set(known, (names.get(known) ?? 0) + 1);
}

function byName(names: ReadonlyMap<string, number>): Named[] {
  return [...names].map(([name, n]) => ({ name, n })).sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
}
