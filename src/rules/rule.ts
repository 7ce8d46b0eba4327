/**
 * What a comparator is made of. A rule is data (so that it can be printed and digested); `compile.ts` turns it into the
 * one-pass function. A field that no rule names is compared strictly, never skipped.
 */
import type { Difference, JsonValue, Representation, Side } from '../types.ts';

/**
 * Where a money rule takes its currency from: a sibling field of the same object, a fixed currency, or a fixed scale.
 * `minor`: the side that counts in the smallest unit, 1250 for 12.50. `printed`: amounts may be printed for people.
 */
export type CurrencyFrom = (
  | { readonly sibling: string }
  | { readonly currency: string }
  | { readonly scale: number }
) & { readonly minor?: Side; readonly printed?: true };

/** A word of a closed set, as JSON has it. */
export type Word = string | number | boolean;

/** Units of a number that counts from 1970-01-01T00:00:00Z. */
export type EpochUnit = 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds';

/**
 * The unit of each side's numbers; a side without one prints texts. `zone`: where texts that name no offset are at home
 * (`UTC`, `Europe/Berlin`, `+01:00`); without it they are no instants.
 */
export type InstantForms = Readonly<Partial<Record<Side, EpochUnit>>> & { readonly zone?: string };

export type DurationUnit = 'milliseconds' | 'seconds' | 'minutes' | 'hours' | 'days';

/** The unit of each side's numbers; a side without one prints texts. */
export type DurationUnits = Readonly<Partial<Record<Side, DurationUnit>>>;

/**
 * Order of a list. `total`: positions must agree one by one. `keyed`: sorted by the keys that the request's `sort`
 * parameter (or `by`) names; items of equal keys may come in either order. `free`: a multiset.
 */
export type Order =
  | { readonly kind: 'total' }
  | {
      readonly kind: 'keyed';
      /** Default keys, `-` for descending: ['-createdAt']. */
      readonly by: readonly string[];
      /** Query parameter that overrides them; several with commas between. */
      readonly sortParam?: string;
    }
  | { readonly kind: 'free' };

export type Rule = RuleForm & {
  /**
   * May the value be stored and shown to people? Without it the rule around decides, and at the top only values are
   * shown whose form tells that they are nobody's data, see `shown.ts`. It does not change what is compared.
   */
  readonly show?: boolean;
};

type RuleForm =
  | { readonly rule: 'strict' }
  /** `collections`: the texts may differ in ids of these, which are paired. */
  | { readonly rule: 'text'; readonly collections?: readonly string[] }
  /** Text or a number of a closed set; a value outside of it is compared all the same, and never shown. */
  | {
      readonly rule: 'enum';
      readonly values: readonly Word[];
      /** The twin's word by the text of the primary's, where the twin has words of its own. */
      readonly partners?: Readonly<Record<string, Word>>;
    }
  /** `double`: two numbers are the same where they are one IEEE 754 double. `decimal`: a number may be a text, too. */
  | { readonly rule: 'number'; readonly as?: 'double' | 'decimal' }
  | { readonly rule: 'bool' }
  | { readonly rule: 'instant'; readonly forms?: InstantForms }
  | { readonly rule: 'duration'; readonly units: DurationUnits }
  | { readonly rule: 'money'; readonly from: CurrencyFrom }
  | { readonly rule: 'aggregateMoney'; readonly from: CurrencyFrom }
  | { readonly rule: 'baseUnits' }
  | { readonly rule: 'ratio' /** Relative tolerance, 1e-9 by default. */; readonly within: number }
  | { readonly rule: 'ref'; readonly collection: string }
  /** An id whose collection the sibling field `by` names; `of`: the collection by the sibling's word. */
  | { readonly rule: 'refBy'; readonly by: string; readonly of: Readonly<Record<string, string>> }
  | { readonly rule: 'nullable'; readonly of: Rule }
  | { readonly rule: 'object'; readonly fields: Readonly<Record<string, Rule>> }
  /** An object with free keys, each value by the same rule. */
  | {
      readonly rule: 'record';
      readonly of: Rule;
      /** Where the keys are ids: of entities of this collection. */
      readonly keys?: string;
    }
  | {
      readonly rule: 'list';
      readonly of: Rule;
      readonly order: Order;
      /** Field that names an item, to line lists up. */
      readonly identity: string | null;
    }
  | { readonly rule: 'jsonb' }
  /**
   * A URL: the origins of the two sides count as the same; ids of these collections in it are paired, or of all that
   * the comparator names if none is given.
   */
  | { readonly rule: 'url'; readonly collections: readonly string[] }
  /** Opaque cursors equal when they denote the same position: sort key (an instant, number or text) and id. */
  | { readonly rule: 'cursor'; readonly key: 'instant' | 'number' | 'text'; readonly collection: string }
  | {
      readonly rule: 'csv';
      /** Rules by column name; the header row itself is compared strictly. */
      readonly columns: Readonly<Record<string, Rule>>;
      readonly order: Order;
      readonly identity: string | null;
      /** Between cells: a comma where not given. */
      readonly separator?: string;
    }
  /** A body that is no text: by length and hash, see `bytesText`. */
  | { readonly rule: 'bytes' }
  /** Neither side may show it. */
  | { readonly rule: 'secret' }
  | { readonly rule: 'ignored'; readonly reason: string }
  /** A rule of the user's own. */
  | {
      readonly rule: 'custom';
      readonly name: string;
      readonly version: string;
      readonly compare: CustomCompare;
      /** It always judges the same two values alike, so that a match may be remembered. */
      readonly pure?: boolean;
    };

/** Returns null when the two mean the same, else what is wrong. Pure; a throw becomes `verifier_error`. */
export type CustomCompare = (
  primary: JsonValue | undefined,
  twin: JsonValue | undefined,
) => Pick<Difference, 'kind' | 'measure'> | null;

/** What a body is read as, before a rule looks at it. */
export type BodyForm = 'json' | 'ndjson' | 'csv' | 'text' | 'bytes';

export interface Comparator {
  readonly name: string;
  /** Rule of a 2xx body. */
  readonly body: Rule;
  /** Rule of any other body; the API's `{error:{code,message}}` by default. */
  readonly error: Rule;
  /** Fields compared in addition to the five that always are; lowercase. */
  readonly headers: readonly string[];
  /** Fields, lowercase, that have a rule of their own, on their text; `ignored` switches one off. */
  readonly headerRules?: Readonly<Record<string, Rule>>;
  /** Scales of currencies in addition to the built-in ones, by code. */
  readonly currencies?: Readonly<Record<string, number>>;
  /**
   * Names of members may be shown where they have the form of a field's name. For rules that nobody wrote, since
   * those name no field.
   */
  readonly names?: true;
  /** Digest of the code that its own functions are written in, where it comes from a module of the user's. */
  readonly code?: string;
}

/** What a compare needs to know of the request. */
export interface CompareContext {
  readonly params: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, string>;
  readonly representation: Representation;
  readonly ids: IdPairs;
  /** Origins (`http://host:port`) that are the side itself: as configured, and by the Host that was asked. */
  readonly origins?: Readonly<Record<Side, readonly string[]>>;
  /** Gives the twin's path for a path on a side's own origin; without it both sides have the same paths. */
  readonly twinPaths?: (side: Side, path: string) => string;
  /** Steps that the comparison may take; those of `COMPARE_LIMITS` where not given. */
  readonly steps?: number;
}

/** Pairs of ids as known right now; never waits. `unknown` means not looked up yet. */
export interface IdPairs {
  /** The uuid that `id_map` gives an ObjectId: a uuid, null where id_map has none, undefined where not looked up yet. */
  uuidOf(collection: string, objectId: string): string | null | undefined;
  /** The ObjectId that `id_map` gives a uuid. */
  objectIdOf(collection: string, uuid: string): string | null | undefined;
  /** True for a collection whose pairs are of another kind than ObjectId and uuid. */
  relates?(collection: string): boolean;
  /** Of such a collection: its pairs are looked up, by the twin's id. */
  looksUp?(collection: string): boolean;
  /** What two ids of such a collection are to each other; `new`: neither was seen; `unknown`: to be looked up first. */
  relate?(collection: string, primary: IdValue, twin: IdValue): IdRelated;
  /** New pairs from two answers that mean the same, with which later ones are compared. */
  suppose?(pairs: readonly SupposedPair[]): void;
}

/** An id as text, with the JSON type it is printed in; in a key, a URL or a cursor there is only text. */
export interface IdValue {
  readonly text: string;
  readonly type: 'number' | 'string' | 'object' | 'key';
}

export type IdRelated = 'same' | 'new' | 'different' | 'unknown';

/** Two ids that stand for one entity, as far as one pair of answers says. */
export interface SupposedPair {
  readonly collection: string;
  readonly primary: string;
  readonly twin: string;
}

/** An id that has to be looked up before the answer is known. */
export interface WantedId {
  readonly collection: string;
  readonly id: string;
}

/**
 * What a segment of a path is: a field that a rule names, a position in an array, a key of a record (free by its rule),
 * or a member that no rule names (which may be somebody's data).
 */
export type StepKind = 'field' | 'position' | 'key' | 'member';

/** A difference that also knows what the segments of its path are; empty for paths outside the body. */
export interface DescribedDifference extends Difference {
  readonly steps: readonly StepKind[];
}

export type CompareResult =
  | { readonly outcome: 'equal' }
  | {
      readonly outcome: 'differs';
      readonly differences: readonly DescribedDifference[];
      /** The number before the list was cut; where it was cut, a lower bound. */
      readonly count: number;
    }
  /** Undecided: it would take more steps than a comparison may. */
  | { readonly outcome: 'too_large'; readonly detail: string }
  | { readonly outcome: 'needs_ids'; readonly wanted: readonly WantedId[] };
