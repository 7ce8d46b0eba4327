/** Finds the queries over payments that delete or update many without saying which provider's. */

/** Calls and statements without a provider in their filter, each cut to a line; empty where the code is sound. */
export function clausesWithoutProvider(code: string): string[] {
  const bare = code.replaceAll(/^\s*(?:\/\/|\*|\/\*|--).*$/gm, '');
  return [...callsWithoutProvider(bare), ...statementsWithoutProvider(bare)];
}

/** `Payment.deleteMany(…)`, `collection('payments').updateMany(…)`, and bulk writes that hold such an operation. */
function callsWithoutProvider(code: string): string[] {
  const call = /(?:\bPayment|collection\(\s*['"`]payments['"`]\s*\))\s*\.\s*(deleteMany|updateMany|bulkWrite)\s*\(/g;
  const found: string[] = [];
  for (const match of code.matchAll(call)) {
    const inside = balanced(code, match.index + match[0].length, ')');
    const filters =
      match[1] === 'bulkWrite'
        ? [...inside.matchAll(/(?:deleteMany|updateMany)\s*:\s*\{\s*filter\s*:\s*/g)].map((operation) =>
            firstArgument(inside.slice(operation.index + operation[0].length)),
          )
        : [firstArgument(inside)];
    if (filters.some((filter) => !/\bprovider\b/.test(filter))) found.push(oneLine(match[0] + inside));
  }
  return found;
}

/** SQL: the provider must stand after `where`, and a truncation has none. */
function statementsWithoutProvider(code: string): string[] {
  const statement = /\b(?:delete\s+from|update|truncate(?:\s+table)?)\s+(?:only\s+)?"?payments"?(?![\w"])[^`;]*/gi;
  return (
    [...code.matchAll(statement)]
      .map(([text]) => text)
      .filter((text) => !/\bwhere\b[\s\S]*\bprovider\b/i.test(text))
      // A word of prose before the table's name is no statement: an update sets, a deletion ends or has a where.
      .filter((text) => !/^update/i.test(text) || /\bset\b/i.test(text))
      .map(oneLine)
  );
}

/** The text from `from` up to the bracket that closes it. */
function balanced(code: string, from: number, close: string): string {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    const char = code.charAt(at);
    if (depth === 0 && char === close) return code.slice(from, at);
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
  }
  return code.slice(from);
}

function firstArgument(text: string): string {
  return balanced(`${text},`, 0, ',');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 120);
