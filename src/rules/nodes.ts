/** From a rule, which is data, to the closures that compare by it. */
import type { CurrencyScales } from './currencies.ts';
import { csvNode } from './engine/csv.ts';
import { jsonbNode, strictNode } from './engine/describe-strict.ts';
import { durationNode } from './engine/duration.ts';
import { instantNode, writtenInstantNode } from './engine/instant.ts';
import {
  baseUnitsNode,
  bytesNode,
  customNode,
  doubleNode,
  ignoredNode,
  numberCellNode,
  ratioNode,
  sameValueNode,
  secretNode,
} from './engine/leaves.ts';
import { listNode } from './engine/list.ts';
import { decimalNode, moneyNode } from './engine/money.ts';
import type { Node } from './engine/node.ts';
import { nullableNode, objectNode } from './engine/object.ts';
import { recordNode } from './engine/record.ts';
import { cursorNode, refByNode, refNode } from './engine/ref.ts';
import { textIdsNode } from './engine/text-ids.ts';
import { urlNode } from './engine/url.ts';
import { wordsNode } from './engine/words.ts';
import { writtenMoneyNode } from './engine/written-money.ts';
import type { Rule } from './rule.ts';

/** What a rule is compiled with. */
export interface Setting {
  /** The value is text on its own, as a CSV cell or a header field is, so that numbers are text. */
  readonly textual: boolean;
  readonly scales: CurrencyScales;
  /** All collections whose ids the comparator pairs: an id in a URL may belong to any of them. */
  readonly collections: readonly string[];
}

export function nodeOf(rule: Rule, setting: Setting): Node {
  const { textual, scales, collections } = setting;
  switch (rule.rule) {
    case 'strict':
      return strictNode;
    case 'text':
      return rule.collections === undefined ? sameValueNode('text') : textIdsNode(rule.collections);
    case 'bool':
      return sameValueNode(rule.rule);
    case 'enum':
      return rule.partners === undefined ? sameValueNode('enum') : wordsNode(rule.partners, textual);
    case 'number':
      if (rule.as === 'double') return doubleNode(textual);
      if (rule.as === 'decimal') return decimalNode;
      return textual ? numberCellNode : sameValueNode('number');
    case 'instant':
      return rule.forms === undefined ? instantNode : writtenInstantNode(rule.forms);
    case 'duration':
      return durationNode(rule.units, textual);
    case 'money':
    case 'aggregateMoney':
      return rule.from.minor === undefined && rule.from.printed === undefined
        ? moneyNode(rule.rule, rule.from, scales)
        : writtenMoneyNode(rule.rule, rule.from, scales);
    case 'baseUnits':
      return baseUnitsNode;
    case 'ratio':
      return ratioNode(rule.within, textual);
    case 'ref':
      return refNode(rule.collection);
    case 'refBy':
      return refByNode(rule.by, rule.of);
    case 'url':
      return rule.collections.length > 0 ? urlNode(rule.collections, true) : urlNode(collections, false);
    case 'nullable':
      return nullableNode(nodeOf(rule.of, setting));
    case 'object':
      return objectNode(fieldNodes(rule.fields, setting));
    case 'record':
      return recordNode(nodeOf(rule.of, setting), rule.keys ?? null);
    case 'list':
      return listNode(nodeOf(rule.of, setting), rule.order, rule.identity);
    case 'jsonb':
      return jsonbNode;
    case 'cursor':
      return cursorNode(rule.key, rule.collection);
    case 'csv': {
      const cells = fieldNodes(rule.columns, { ...setting, textual: true });
      const plain = [...cells.values()].every((cell) => cell.plain);
      const columns = new Map(Object.entries(rule.columns).map(([name, column]) => [name, mayBeAbsent(column)]));
      const rows = listNode(objectNode(cells), rule.order, rule.identity);
      return csvNode(rows, plain, columns, rule.separator ?? ',');
    }
    case 'bytes':
      return bytesNode;
    case 'secret':
      return secretNode;
    case 'ignored':
      return ignoredNode;
    case 'custom':
      return customNode(rule.name, rule.compare);
  }
}

/** A secret should be absent; an ignored field may be present or absent. */
function mayBeAbsent(column: Rule): boolean {
  return column.rule === 'nullable' || column.rule === 'secret' || column.rule === 'ignored';
}

function fieldNodes(fields: Readonly<Record<string, Rule>>, setting: Setting): Map<string, Node> {
  return new Map(Object.entries(fields).map(([name, field]) => [name, nodeOf(field, setting)]));
}
