/** A drafted rule with what later pairs have shown beside it: collections of a URL's ids, words of the twin's, types of ids. */

type Data = Readonly<Record<string, unknown>>;

/** Null where nothing is new, or where the two are not of one kind. What the rule says already stays. */
export function widened(own: unknown, learned: unknown): Data | null {
  if (!isData(own) || !isData(learned)) return null;
  if (own.nullable !== undefined) return widened(own.nullable, learned);
  for (const rule of ['url', 'text']) {
    if (own[rule] === undefined || learned[rule] === undefined) continue;
    const [held, more] = [namesIn(own[rule]), namesIn(learned[rule])];
    const all = [...new Set([...held, ...more])].sort();
    return all.length === held.length ? null : { [rule]: all };
  }
  if (isData(own.enum) && isData(learned.enum)) {
    const words = withMore(own.enum, learned.enum);
    return words === null ? null : { enum: words };
  }
  if (isData(own.ref) && isData(learned.ref) && own.ref.by === learned.ref.by) {
    const of = isData(own.ref.of) && isData(learned.ref.of) ? withMore(own.ref.of, learned.ref.of) : null;
    return of === null ? null : { ref: { by: own.ref.by, of } };
  }
  return null;
}

function withMore(own: Data, learned: Data): Data | null {
  const more = Object.entries(learned).filter(([name]) => !Object.hasOwn(own, name));
  return more.length === 0 ? null : { ...own, ...Object.fromEntries(more) };
}

const namesIn = (names: unknown): readonly string[] => [names].flat().filter((each) => typeof each === 'string');

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
