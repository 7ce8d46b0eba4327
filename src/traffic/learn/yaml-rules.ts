/** Drafted rules as YAML nodes: a comment with the evidence on each line. */
import { type Document, type Node, Pair, Scalar, YAMLMap } from 'yaml';
import type { QueryParam } from '../../api/route.ts';
import type { Drafted } from './drafted.ts';

export function ruleNode(document: Document, drafted: Drafted): Node {
  switch (drafted.draft) {
    case 'word':
      return commented(document.createNode(`${drafted.word}${drafted.nullable ? '?' : ''}`), drafted.note);
    case 'form': {
      const data = drafted.nullable ? { nullable: drafted.data } : drafted.data;
      return commented(document.createNode(data, { flow: true }), drafted.note);
    }
    case 'object': {
      const fields = mapOf(
        document,
        [...drafted.fields].map(([name, of]) => [name, ruleNode(document, of)] as const),
      );
      return wrapped(document, mapOf(document, [['object', fields]]), drafted);
    }
    case 'csv': {
      const columns = mapOf(
        document,
        [...drafted.columns].map(([name, of]) => [name, ruleNode(document, of)] as const),
      );
      return wrapped(document, mapOf(document, [['csv', columns], ...optionsOf(document, drafted.options)]), drafted);
    }
    case 'of': {
      const inner = mapOf(document, [
        [drafted.form, ruleNode(document, drafted.of)],
        ...optionsOf(document, drafted.options),
      ]);
      return wrapped(document, inner, drafted);
    }
    default:
      return drafted satisfies never;
  }
}

function optionsOf(document: Document, options: Readonly<Record<string, unknown>>): (readonly [string, Node])[] {
  return Object.entries(options).map(([name, value]) => [name, document.createNode(value, { flow: true })] as const);
}

function wrapped(document: Document, rule: NodeMap, { nullable, note }: Drafted): Node {
  const node = nullable ? mapOf(document, [['nullable', rule]]) : rule;
  const [first] = node.items;
  if (note !== '' && first !== undefined) first.key.commentBefore = ` ${note}`;
  return node;
}

function commented<T extends Node>(node: T, note: string): T {
  if (note !== '') node.comment = ` ${note}`;
  return node;
}

export type NodeMap = YAMLMap<Scalar<string>, Node>;

export function mapOf(document: Document, entries: readonly (readonly [string, Node])[]): NodeMap {
  const map: NodeMap = new YAMLMap(document.schema);
  for (const [key, value] of entries) map.items.push(new Pair(new Scalar(key), value));
  map.flow = entries.length === 0;
  return map;
}

/** A declared query parameter as a config writes it. */
export function paramData(param: QueryParam): unknown {
  switch (param.param) {
    case 'page':
    case 'text':
    case 'instant':
    case 'decimal':
    case 'bool':
      return param.param;
    case 'oneOf':
      return { oneOf: param.values };
    case 'id':
      return { id: param.collection };
    case 'limit':
      return { limit: param.max, default: param.default };
    case 'sort':
      return { sort: param.fields, default: param.default };
    case 'cursor':
      return { cursor: param.collection, key: param.key };
    default:
      return param satisfies never;
  }
}
