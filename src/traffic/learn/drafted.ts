/** A drafted rule with the evidence it rests on. It becomes YAML with a comment on each line. */

export type Drafted = {
  readonly nullable: boolean;
  /** "instant: 4,120 of 4,120 pairs" */
  readonly note: string;
} & (
  | { readonly draft: 'word'; readonly word: string }
  /** `{ money: { scale: 2 } }`, `{ ref: users }` */
  | { readonly draft: 'form'; readonly data: Readonly<Record<string, unknown>> }
  | { readonly draft: 'object'; readonly fields: ReadonlyMap<string, Drafted> }
  | {
      readonly draft: 'csv';
      readonly columns: ReadonlyMap<string, Drafted>;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | {
      readonly draft: 'of';
      readonly form: 'list' | 'set' | 'ordered' | 'record';
      readonly of: Drafted;
      readonly options: Readonly<Record<string, unknown>>;
    }
);

/** What no rule holds for and therefore stays strict. */
export interface Unexplained {
  readonly route: string;
  /** `/items/*\/rank`, `#status`, `#header/vary` */
  readonly path: string;
  readonly type: string;
  readonly differs: number;
  readonly pairs: number;
  /** "twin is +1 (12)", the most frequent first. */
  readonly forms: readonly string[];
  /** The primary, asked twice, differs from itself here. */
  readonly noise: boolean;
  /** What would hold, had there been enough pairs to say so. */
  readonly tooFew: string | null;
}
