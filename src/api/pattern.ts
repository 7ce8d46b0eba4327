/**
 * Patterns of paths: `/v1/orders/:id`, `/v1/orders/:id.json`, `/v1/orders/`. A slash at the end is part of a pattern, as
 * it is of a path: `/v1/orders` and `/v1/orders/` are two.
 */
import { ShadowError } from '../errors.ts';

export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  /** A value that ends with `suffix`; an empty one takes any. */
  | { readonly kind: 'parameter'; readonly name: string; readonly suffix: string };

export const MAX_SEGMENTS = 64;

/** By pattern: read once for each read otherwise. */
const known = new Map<string, readonly Segment[]>();

/** @throws ShadowError SHADOW_ROUTE for a pattern that no path can match */
export function segmentsOf(pattern: string): readonly Segment[] {
  const segments = known.get(pattern) ?? segmentsIn(pattern);
  known.set(pattern, segments);
  return segments;
}

function segmentsIn(pattern: string): readonly Segment[] {
  if (!pattern.startsWith('/')) throw badPattern(pattern, 'a pattern that begins with a slash');
  const parts = pattern.slice(1).split('/');
  if (parts.length > MAX_SEGMENTS) throw badPattern(pattern, `at most ${MAX_SEGMENTS} segments`);
  const names = new Set<string>();
  return parts.map((part, at) => {
    if (!part.startsWith(':')) {
      const last = part === '' && at === parts.length - 1;
      if (!last && !isPlain(part)) throw badPattern(pattern, 'segments of plain characters, as they read when decoded');
      return { kind: 'text', text: part };
    }
    const [, name = '', suffix = ''] = /^:([A-Za-z_]\w*)(.*)$/.exec(part) ?? [];
    if (name === '' || suffix.includes(':') || (suffix !== '' && !isPlain(suffix))) {
      throw badPattern(pattern, 'a parameter that is a whole segment, such as :id, or has a suffix, such as :id.json');
    }
    if (names.has(name)) throw badPattern(pattern, `one parameter named ${name}`);
    names.add(name);
    return { kind: 'parameter', name, suffix };
  });
}

/** What two patterns have in common that match the same paths: `/v1/:a` and `/v1/:b` are `/v1/:`. */
export function shapeOfPattern(pattern: string): string {
  return segmentsOf(pattern)
    .map((segment) => (segment.kind === 'text' ? `/${segment.text}` : `/:${segment.suffix}`))
    .join('');
}

/** The values of the pattern's parameters in a path that it matches, decoded where they can be. */
export function paramsOf(pattern: string, path: string): Readonly<Record<string, string>> {
  const parts = path.slice(1).split('/');
  return Object.fromEntries(
    segmentsOf(pattern).flatMap((segment, i): [string, string][] => {
      if (segment.kind === 'text') return [];
      const value = decoded(parts[i] ?? '');
      return [[segment.name, segment.suffix === '' ? value : value.slice(0, -segment.suffix.length)]];
    }),
  );
}

function isPlain(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !/[?#%*(){}\\\s]/.test(part);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function badPattern(pattern: string, expected: string): ShadowError {
  return new ShadowError('SHADOW_ROUTE', `the pattern ${pattern} can never match`, {
    expected,
    actual: JSON.stringify(pattern),
    example: '/api/users/:id',
  });
}
