/**
 * Reads of no route: which paths pass unverified. A bounded count of the most frequent ("Space-Saving", Metwally et al.
 * 2005): a path that takes more than 1 / COUNTERS of these reads is among them whatever else comes. Paths are kept by
 * their form, and what may be a value is never shown.
 */
import { formOfSegment, isStatic } from '../api/path-shapes.ts';
import { mostFrequent } from '../base/unknown-reads.ts';
import type { Route, UnknownPath, UnknownReads } from '../types.ts';

interface Counter {
  readonly segments: readonly string[];
  readonly near: UnknownPath['near'];
  count: number;
  atMostTooMany: number;
}

const COUNTERS = 256;
const MOST_SEGMENTS = 12;
const LONGEST_WORD = 32;
/** A word that no route has is shown after so many reads, and while its place has at most so many words. */
const READ_OFTEN = 5;
const FEW_WORDS = 20;
const VALUE = '*';

export class UnknownReadCounts {
  readonly #counters = new Map<string, Counter>();
  readonly #words = new Set<string>();
  readonly #near: readonly { readonly key: string; readonly segments: readonly string[] }[];
  #reads = 0;

  constructor(routes: readonly Route[]) {
    const gets = routes.filter(({ method }) => method === 'GET');
    this.#near = gets.map(({ key, pattern }) => ({ key, segments: pattern.slice(1).split('/') }));
    for (const { segments } of this.#near)
      for (const segment of segments) if (isStatic(segment)) this.#words.add(segment.toLowerCase());
  }

  /** Counts a read that no route matches. Always null, which is what the matcher found. */
  see(method: string, target: string): null {
    if (method !== 'GET' && method !== 'HEAD') return null;
    this.#reads += 1;
    const segments = this.#formOf(target);
    const key = segments.join('/');
    const known = this.#counters.get(key);
    if (known !== undefined) {
      known.count += 1;
      return null;
    }
    let spared = 0;
    if (this.#counters.size >= COUNTERS) {
      let rarest = '';
      let least = Number.POSITIVE_INFINITY;
      for (const [name, { count }] of this.#counters) {
        if (count >= least) continue;
        rarest = name;
        least = count;
        if (least === 1) break;
      }
      this.#counters.delete(rarest);
      spared = least;
    }
    this.#counters.set(key, { segments, near: this.#nearest(target), count: spared + 1, atMostTooMany: spared });
    return null;
  }

  top(): UnknownReads {
    const listed = new Map<string, UnknownPath>();
    for (const { segments, near, count, atMostTooMany } of this.#counters.values()) {
      const path = `/${segments.map((_, at) => this.#showable(segments, at)).join('/')}`;
      const key = `${path} ${near?.route ?? ''} ${near?.differs ?? ''}`;
      const held = listed.get(key);
      listed.set(key, {
        path,
        count: count + (held?.count ?? 0),
        atMostTooMany: atMostTooMany + (held?.atMostTooMany ?? 0),
        near,
      });
    }
    return { reads: this.#reads, paths: mostFrequent([...listed.values()]) };
  }

  /** Segments of the path: words unchanged, `*` for a value, empty segments kept. */
  #formOf(target: string): readonly string[] {
    const all = pathOf(target).slice(1).split('/');
    const segments = all.slice(0, MOST_SEGMENTS).map((segment) => {
      if (segment === '' || this.#words.has(segment.toLowerCase())) return segment;
      if (segment.length > LONGEST_WORD) return VALUE;
      const form = formOfSegment(segment);
      return form === null || form.startsWith(':') ? `${VALUE}${form?.slice(1) ?? ''}` : segment;
    });
    return all.length > MOST_SEGMENTS ? [...segments, '…'] : segments;
  }

  /** A word of a route is shown. Any other could be personal data: shown only where few words are read often at its place. */
  #showable(segments: readonly string[], at: number): string {
    const segment = segments[at] ?? '';
    if (segment === '' || segment === '…' || segment === VALUE || this.#words.has(segment.toLowerCase()))
      return segment;
    const before = segments.slice(0, at).join('/');
    const words = new Set<string>();
    let reads = 0;
    for (const other of this.#counters.values()) {
      if (other.segments.length <= at || other.segments.slice(0, at).join('/') !== before) continue;
      const word = other.segments[at] ?? '';
      words.add(word);
      if (word === segment) reads += other.count - other.atMostTooMany;
    }
    return words.size <= FEW_WORDS && reads >= READ_OFTEN ? segment : VALUE;
  }

  #nearest(target: string): UnknownPath['near'] {
    const path = pathOf(target);
    const decoded = decodedOf(path);
    const parts = (decoded ?? path).split('/').filter((part) => part !== '' && part !== '.');
    const found = this.#near.find(
      ({ segments }) =>
        segments.length === parts.length &&
        segments.every((one, at) => !isStatic(one) || one.toLowerCase() === parts[at]?.toLowerCase()),
    );
    if (found === undefined) return null;
    const differs = [
      ...(path.length > 1 && path.endsWith('/') ? ['a slash at the end'] : []),
      ...(/\/\/|\/\.(?:\/|$)/.test(path) ? ['an empty segment or a dot'] : []),
      ...(found.segments.some((one, at) => isStatic(one) && one !== parts[at]) ? ['upper and lower case'] : []),
      ...(decoded !== null && decoded !== path ? ['percent-encoding'] : []),
    ];
    return { route: found.key, differs: differs.join(', ') || 'its form' };
  }
}

/** The path of an origin-form or absolute-form target, without query and fragment. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? '';
  return path.startsWith('/') ? path : `/${path}`;
}

function decodedOf(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
