import { isDoc, type Value } from '../bson/values.ts';

/** Whether an expression looks at the document: then it has no value where there is none yet. */
export function looksAtDocument(expression: Value): boolean {
  if (typeof expression === 'string') return /^\$(?!\$)|^\$\$(ROOT|CURRENT)\b/.test(expression);
  if (Array.isArray(expression)) return expression.some(looksAtDocument);
  if (!isDoc(expression) || expression.has('$literal') || expression.has('$const')) return false;
  if (expression.has('$getField') && !isDoc(expression.get('$getField'))) return true;
  return [...expression.values()].some(looksAtDocument);
}
