/**
 * Path patterns found by looking at paths: a segment is a parameter by its form (an id, a number) or because its place
 * takes many values. Bounded: a place holds so many values, the whole so many patterns.
 */

interface Place {
  readonly statics: Map<string, Place>;
  param: Place | null;
  /** More values were seen here than a place holds: every further one is a parameter. */
  many: boolean;
  visits: number;
  /** Paths that end here. */
  ends: number;
}

export interface PathShapesOptions {
  /** Values of one place before it counts as a parameter. */
  readonly values: number;
  readonly patterns: number;
  /** Places in all: without it a client that makes up words could have 20 for each of the places before, 16 levels deep. */
  readonly places: number;
}

const DEFAULTS: PathShapesOptions = Object.freeze({ values: 20, patterns: 500, places: 20_000 });
const MAX_SEGMENTS = 16;
/** No word of an API is longer. A pattern is a key of the journal, which holds no text of some thousand characters. */
const LONGEST_WORD = 100;

/** What a static segment of a route pattern may be written with. */
const PLAIN = /^[A-Za-z0-9._~@!$&'+,;=-]+$/;
const ID_FORMS = [
  /^\d+$/,
  /^[0-9a-f]{24}$/i,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^[0-9a-f]{16,}$/i,
  // ULID, and other long runs of letters with digits among them.
  /^[0-9A-HJKMNP-TV-Z]{26}$/,
  /^(?=[A-Za-z]*\d)[A-Za-z0-9_-]{20,}$/,
  /@[^@]+\./,
  /^\d{4}-\d\d(-\d\d)?$/,
  // `post-17`, `INV_0042`, `ab12`.
  /^[A-Za-z]+([-_][A-Za-z]+)*[-_]\d+$/,
  /^[A-Za-z]{1,5}\d{2,}$/,
];

/** Is this segment a parameter by its form alone? */
const isIdSegment = (segment: string): boolean =>
  segment.length > LONGEST_WORD ||
  !PLAIN.test(segment) ||
  segment.startsWith(':') ||
  ID_FORMS.some((form) => form.test(segment));

const SUFFIX = /^(.+?)(\.[A-Za-z][A-Za-z0-9]{0,5})$/;

/**
 * What a segment is by its form alone: a word as it stands, null for a parameter, `:.json` for one with such a suffix, as in
 * `17.json`.
 */
export function formOfSegment(segment: string): string | null {
  if (isIdSegment(segment)) return null;
  const [, value = '', suffix = ''] = SUFFIX.exec(segment) ?? [];
  return value !== '' && isIdSegment(value) ? `:${suffix}` : segment;
}

/** The segments of a pattern, as `patternOf` takes them. */
export function shapeOfPattern(pattern: string): readonly (string | null)[] {
  return pattern
    .slice(1)
    .split('/')
    .map((segment) => {
      const name = /^:\w+/.exec(segment)?.[0];
      if (name === undefined) return segment;
      return name === segment ? null : `:${segment.slice(name.length)}`;
    });
}

export class PathShapes {
  readonly #options: PathShapesOptions;
  readonly #root: Place = { statics: new Map(), param: null, many: false, visits: 0, ends: 0 };
  readonly #patterns = new Set<string>();
  #places = 1;

  constructor(options: Partial<PathShapesOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  get patterns(): ReadonlySet<string> {
    return this.#patterns;
  }

  /** Places that are kept of all paths. */
  get places(): number {
    return this.#places;
  }

  /** The pattern of an origin-form target as far as is known now; null for what no pattern can be made of. */
  see(target: string): string | null {
    const segments = segmentsOf(target);
    if (segments === null) return null;
    let here = this.#root;
    const shape: (string | null)[] = [];
    for (const segment of segments) {
      const form = segment === '' ? '' : formOfSegment(segment);
      const taken = form !== null && (form === '' || this.#takes(here, form)) ? form : null;
      shape.push(taken);
      const next = (taken === null ? here.param : here.statics.get(taken)) ?? this.#placeIn(here, taken);
      if (next === null) return null;
      here = next;
      here.visits += 1;
    }
    here.ends += 1;
    const pattern = patternOf(shape);
    if (!this.#patterns.has(pattern)) {
      if (this.#patterns.size >= this.#options.patterns) return null;
      this.#patterns.add(pattern);
    }
    return pattern;
  }

  /** A place that was not there before; null where there is no room for one more. */
  #placeIn(here: Place, segment: string | null): Place | null {
    if (this.#places >= this.#options.places) return null;
    this.#places += 1;
    const made: Place = { statics: new Map(), param: null, many: false, visits: 0, ends: 0 };
    if (segment === null) here.param = made;
    else here.statics.set(segment, made);
    return made;
  }

  #takes(here: Place, segment: string): boolean {
    if (here.statics.has(segment)) return true;
    if (this.#places >= this.#options.places) return false;
    if (here.many || here.statics.size >= this.#options.values) {
      here.many = true;
      return false;
    }
    return true;
  }

  /** The pattern once all is seen: values of a place that turned out to take many become its parameter. */
  settled(pattern: string): string {
    let here: Place | null = this.#root;
    const shape = shapeOfPattern(pattern).map((segment) => {
      if (here === null || segment === null) {
        here = here?.param ?? null;
        return null;
      }
      const next: Place | undefined = here.statics.get(segment);
      const folds = segment !== '' && here.many && !isHeavy(here, next);
      here = next ?? null;
      return folds ? null : segment;
    });
    return patternOf(shape);
  }
}

/** A value that takes so large a part of a place's visits is a word of the API (`/users/me`). */
function isHeavy(whole: Place, part: Place | undefined): boolean {
  const all = [...whole.statics.values(), ...(whole.param === null ? [] : [whole.param])];
  const visits = all.reduce((sum, { visits: n }) => sum + n, 0);
  return part !== undefined && part.visits >= 50 && part.visits * 4 > visits;
}

/** A segment of a pattern that is a word and no parameter. */
export const isStatic = (segment: string): boolean => segment !== '' && !segment.startsWith(':');

/** Decoded segments of a target's path, an empty one for a slash at its end; null for a path that no route pattern matches. */
export function segmentsOf(target: string): readonly string[] | null {
  const path = target.split(/[?#]/, 1)[0] ?? '';
  if (!path.startsWith('/')) return null;
  if (path === '/') return [];
  const parts = path.slice(1).split('/');
  if (parts.length > MAX_SEGMENTS) return null;
  const decoded: string[] = [];
  for (const [at, part] of parts.entries()) {
    let plain: string;
    try {
      plain = decodeURIComponent(part);
    } catch {
      return null;
    }
    if (
      (plain === '' && (part !== '' || at < parts.length - 1)) ||
      plain === '.' ||
      plain === '..' ||
      /[/\\\0]/.test(plain)
    )
      return null;
    decoded.push(plain);
  }
  return decoded;
}

const isParameter = (segment: string | null | undefined): boolean => segment == null || segment.startsWith(':');

/** `/orders/:orderId/items/:itemId`; a single parameter is `:id`. Null in the shape is a parameter, `:.json` one with a suffix. */
export function patternOf(shape: readonly (string | null)[]): string {
  if (shape.length === 0) return '/';
  const parameters = shape.filter(isParameter).length;
  const names = new Set<string>();
  const written = shape.map((segment, i) => {
    if (segment !== null && !isParameter(segment)) return segment;
    const before = shape[i - 1];
    let name = parameters === 1 || before == null || isParameter(before) ? 'id' : `${singular(before)}Id`;
    while (names.has(name)) name = `${name}2`;
    names.add(name);
    return `:${name}${segment?.slice(1) ?? ''}`;
  });
  return `/${written.join('/')}`;
}

/** `categories` -> `category`, `orders` -> `order`; what is no word is `item`. */
export function singular(word: string): string {
  const letters = word.replace(/[^A-Za-z0-9]+(.)?/g, (_all, next: string | undefined) => next?.toUpperCase() ?? '');
  if (!/^[A-Za-z]/.test(letters)) return 'item';
  if (/ies$/i.test(letters)) return `${letters.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/i.test(letters)) return letters.slice(0, -2);
  return /[^s]s$/i.test(letters) ? letters.slice(0, -1) : letters;
}
