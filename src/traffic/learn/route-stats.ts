/** Everything that is known of one route. */
import { CallerStats } from './caller-stats.ts';
import { HeaderStats } from './header-stats.ts';
import { PathNode } from './path-node.ts';
import { QueryStats } from './query-stats.ts';

export class RouteStats {
  readonly method: 'GET' | 'POST';
  pairs = 0;
  /** Good bodies that were CSV: their rows are in `body`, as a list of objects. */
  tables = 0;
  /** Of their cells; null before the first. */
  separator: string | null = null;
  /** Pairs whose two statuses are of one kind (both 2xx, or neither), and those that were not. */
  goodPairs = 0;
  errorPairs = 0;
  /** Good pairs whose primary was asked twice. */
  readTwice = 0;
  errorsReadTwice = 0;
  /** Of the latter: 3xx on both sides. */
  redirects = 0;
  /** `200/404`: pairs by the primary's and the twin's status, where they differ. */
  readonly statuses = new Map<string, number>();
  readonly body = new PathNode('');
  readonly error = new PathNode('');
  readonly query = new QueryStats();
  readonly callers = new CallerStats();
  readonly headers = new HeaderStats();
  /** Lengths of the longest list in answers to requests that asked for no length. */
  readonly lengths = new Map<number, number>();
  /** Pairs that were asked again, because they ended what held so far. */
  retried = 0;

  constructor(method: 'GET' | 'POST') {
    this.method = method;
  }

  /** The usual length of a page; null where nothing says. */
  get usualLength(): number | null {
    let [longest, times, all] = [0, 0, 0];
    for (const [length, n] of this.lengths) {
      all += n;
      if (length > longest) [longest, times] = [length, n];
    }
    // Full pages are frequent; a list that just happens to be the longest is not.
    return longest > 1 && times > 1 && times * 4 >= all ? longest : null;
  }

  merge(other: RouteStats): void {
    this.pairs += other.pairs;
    this.goodPairs += other.goodPairs;
    this.errorPairs += other.errorPairs;
    this.redirects += other.redirects;
    this.readTwice += other.readTwice;
    this.errorsReadTwice += other.errorsReadTwice;
    this.retried += other.retried;
    this.tables += other.tables;
    this.separator ??= other.separator;
    for (const [status, n] of other.statuses) this.statuses.set(status, (this.statuses.get(status) ?? 0) + n);
    for (const [length, n] of other.lengths) this.lengths.set(length, (this.lengths.get(length) ?? 0) + n);
    this.body.merge(other.body);
    this.error.merge(other.error);
    this.query.merge(other.query);
    this.callers.merge(other.callers);
    this.headers.merge(other.headers);
  }
}
