/**
 * Money in a form of a side's own: counted in the smallest unit of its currency (1250 there is 12.50 on the other side), or
 * printed for people.
 */
import type { Side } from '../../types.ts';
import type { CurrencyScales } from '../currencies.ts';
import { decimalText, parseFinite } from '../decimal.ts';
import { printedAmount } from '../printed-money.ts';
import type { CurrencyFrom } from '../rule.ts';
import { moneyMeasure, moneyNode, textOf, unitReader } from './money.ts';
import { addLeaf, type Json, type Node, node, type Parent, parentAt } from './node.ts';

/** As `moneyNode`, with that side's amounts brought to the unit of the other. Of an unknown currency none is. */
export function writtenMoneyNode(label: 'money' | 'aggregateMoney', from: CurrencyFrom, scales: CurrencyScales): Node {
  const { minor, printed = false } = from;
  const unitOf = unitReader(from, scales);
  const money = moneyNode(label, from, scales);
  const within = label === 'aggregateMoney';
  const asWhole = (side: Side, value: Json, parent: Parent): Json => {
    const { scale } = unitOf(parent);
    const plain = printed && typeof value === 'string' ? (printedAmount(value, scale)?.decimal ?? value) : value;
    return side === minor ? shifted(plain, scale) : plain;
  };
  const equal: Node['equal'] = (primary, twin, run, parent) =>
    !(printed && areOfOtherCurrencies(primary, twin)) &&
    money.equal(asWhole('primary', primary, parent), asWhole('twin', twin, parent), run, parent);
  const { asksParent } = money;
  return node(label, {
    // Cents are another amount than the same number of the other side.
    plain: minor === undefined,
    asksParent,
    exact: money.exact,
    equal,
    equalText: (primary, twin, run, parent) =>
      equal(primary.value(), twin.value(), run, parentAt(primary, parent, { asksParent })),
    describe(primary, twin, run, parent, at, out) {
      if (equal(primary, twin, run, parent)) return;
      const [mine, its] = [asWhole('primary', primary, parent), asWhole('twin', twin, parent)];
      addLeaf(at, label, primary, twin, out, moneyMeasure(mine, its, unitOf(parent), within));
    },
    meaning: (side, value, run, parent) => money.meaning(side, asWhole(side, value, parent), run, parent),
    // Without the side nobody can tell how much it is.
    tolerances: () => !within,
  });
}

/** Both print one, and not the same. */
function areOfOtherCurrencies(primary: Json, twin: Json): boolean {
  const [mine, its] = [currencyIn(primary), currencyIn(twin)];
  return mine !== '' && its !== '' && mine !== its;
}

const currencyIn = (value: Json): string =>
  typeof value === 'string' ? (printedAmount(value, null)?.currency ?? '') : '';

/** The amount with its point moved, as decimal text; what is no amount stays as it is. */
function shifted(value: Json, places: number | null): Json {
  const amount = places === null ? null : parseFinite(textOf(value) ?? '');
  if (amount === null || places === null || Math.abs(amount.scale) > FAR) return value;
  const scale = amount.scale + places;
  return scale >= 0 ? decimalText(amount.digits, scale) : decimalText(amount.digits * 10n ** BigInt(-scale), 0);
}

/** Beyond it nobody writes an amount out. */
const FAR = 400;
