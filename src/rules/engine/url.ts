/** URLs: the same resource, where the origins of the two sides count as the same, and ids may be paired. */
import type { Side } from '../../types.ts';
import { canonicalJson } from '../exact-number.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { areOneEntity, entityIn, maybeEntityIn } from './one-entity.ts';
import type { Run } from './run.ts';
import { strictEqual } from './strict.ts';

/** `named`: the rule names its collections, whose ids the twin may print in any form. */
export function urlNode(collections: readonly string[], named: boolean): Node {
  const partOf = named ? maybeEntityIn : entityIn;
  const equal = (primary: Json, twin: Json, run: Run): boolean => {
    if (primary === twin) return true;
    if (typeof primary !== 'string' || typeof twin !== 'string') return strictEqual(primary, twin);
    return sameUrl(primary, twin, collections, run);
  };
  return node('url', {
    exact: !named,
    equal,
    describe(primary, twin, run, _parent, at, out) {
      if (!equal(primary, twin, run)) addLeaf(at, 'url', primary, twin, out);
    },
    meaning(side, value, run) {
      if (typeof value !== 'string') return canonicalJson(value);
      const own = ownPath(value, side, run);
      const pieces = (named ? unquoted(own) : own).split(PIECES);
      return canonicalJson(pieces.map((piece) => partOf(piece, side, collections, run)).join(''));
    },
  });
}

/**
 * The same URL, where an ObjectId stands for the uuid it is paired with in one of the collections. A URL does not say of
 * which collection an id is.
 */
export function sameUrl(primary: string, twin: string, collections: readonly string[], run: Run): boolean {
  const mine = ownPath(primary, 'primary', run);
  const its = ownPath(twin, 'twin', run);
  if (mine === its) return true;
  if (!run.twinForms) return false;
  const [pieces, others] = piecesOfBoth(mine, its);
  if (pieces.length !== others.length || pieces.every((piece, i) => piece === others[i])) return false;
  return pieces.every((piece, i) => {
    const other = others[i] ?? '';
    if (piece === other) return true;
    return areOneEntity(piece, other, collections, run);
  });
}

/** Each second piece is a delimiter. Where OData's keys are texts on one side and numbers on the other, both without quotes. */
export function piecesOfBoth(mine: string, its: string): readonly [readonly string[], readonly string[]] {
  const [pieces, others] = [mine.split(PIECES), its.split(PIECES)];
  return pieces.length === others.length
    ? [pieces, others]
    : [unquoted(mine).split(PIECES), unquoted(its).split(PIECES)];
}

/** `Orders('17')` as `Orders(17)`. */
const unquoted = (path: string): string => path.replace(/([(=])'([^'()]*)'(?=[),])/g, '$1$2');

/** Between what may be an id: the delimiters are kept, so that they are compared too. */
const PIECES = /([/?#&=.,;:()'])/;
const ABSOLUTE = /^(https?):\/\/([^/?#]*)([/?#].*)?$/i;

/**
 * A URL on the side's own origin without it, as a path; elsewhere with scheme and host in lower case and no default
 * port. What follows the host stays as it is written.
 */
function ownPath(url: string, side: Side, run: Run): string {
  const parted = partedUrl(url);
  if (parted === null) return url.startsWith('/') ? onTwin(url, side, run) : url;
  const { origin, path } = parted;
  const own = run.context.origins?.[side] ?? [];
  return own.some((each) => isSameHost(each, origin)) ? onTwin(path, side, run) : `${origin}${path}`;
}

function partedUrl(url: string): { readonly origin: string; readonly path: string } | null {
  const match = ABSOLUTE.exec(url.startsWith('//') ? `https:${url}` : url);
  if (match === null) return null;
  const [, scheme = '', host = '', rest = ''] = match;
  return { origin: originOf(scheme, host), path: rest === '' ? '/' : rest.startsWith('/') ? rest : `/${rest}` };
}

/** What follows the origin; null for what is no URL. */
export function pathOfUrl(text: string): string | null {
  return partedUrl(text)?.path ?? (text.startsWith('/') ? text : null);
}

/** The twin may have the resource under another path: both are identified by the path of the twin. */
function onTwin(path: string, side: Side, run: Run): string {
  return run.context.twinPaths?.(side, path) ?? path;
}

function originOf(scheme: string, host: string): string {
  const lower = scheme.toLowerCase();
  return `${lower}://${host.toLowerCase().replace(lower === 'https' ? /:443$/ : /:80$/, '')}`;
}

/** Behind a gateway that ends TLS, a side does not know the scheme of the request. */
function isSameHost(one: string, other: string): boolean {
  const match = ABSOLUTE.exec(one);
  const own = match === null ? null : originOf(match[1] ?? '', match[2] ?? '');
  return own !== null && withoutScheme(own) === withoutScheme(other);
}

const withoutScheme = (origin: string): string => origin.replace(/^https?:/, '');
