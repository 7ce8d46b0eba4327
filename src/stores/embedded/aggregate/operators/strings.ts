import { isNumeric } from '../../bson/compare.ts';
import { toSafeInteger } from '../../bson/convert.ts';
import { int32, Regex, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { compileRegex } from '../../query/regex.ts';
import { typeName } from '../../query/types.ts';
import { textOf } from './conversion.ts';
import { argumentsOf, isNullish, namedArguments, type OperatorCompiler, type OperatorTable, unary } from './types.ts';

function text(value: Value | undefined, name: string, code: number): string {
  if (typeof value !== 'string')
    throw new MongoError(code, `${name} requires a string argument, found: ${typeName(value)}`);
  return value;
}

const concat: OperatorCompiler = (operand, compile, name) => {
  const parts = argumentsOf(operand, compile, name, 0, Number.POSITIVE_INFINITY);
  return (environment) => {
    const values = parts.map((part) => part(environment));
    if (values.some(isNullish)) return null;
    return values
      .map((value) => {
        if (typeof value !== 'string')
          throw new MongoError(16702, `$concat only supports strings, not ${typeName(value)}`);
        return value;
      })
      .join('');
  };
};

/** MongoDB changes the case of ASCII letters only. */
function cased(change: (letters: string) => string, letters: RegExp): OperatorCompiler {
  return unary((value, name) => (isNullish(value) ? '' : textOf(value, name).replace(letters, change)));
}

const substring: OperatorCompiler = (operand, compile, name) => {
  const [input, start, length] = argumentsOf(operand, compile, name, 3, 3);
  return (environment) => {
    const value = input?.(environment);
    const points = [...(isNullish(value) ? '' : textOf(value, name))];
    const [from, count] = [start, length].map((part, at) => {
      const given = part?.(environment);
      const number = toSafeInteger(given);
      const what = at === 0 ? 'starting index' : 'length';
      if (!isNumeric(given)) throw new MongoError(at === 0 ? 34450 : 34452, `${name}: ${what} must be a number`);
      if (number === undefined) throw new MongoError(at === 0 ? 34451 : 34453, `${name}: ${what} must be whole`);
      return number;
    });
    if (from === undefined || count === undefined) return '';
    if (count < 0) throw new MongoError(34454, `${name}: length must be a nonnegative integer.`);
    if (from < 0) throw new MongoError(34455, `${name}: the starting index must be nonnegative integer.`);
    return points.slice(from, from + count).join('');
  };
};

const split: OperatorCompiler = (operand, compile, name) => {
  const [input, delimiter] = argumentsOf(operand, compile, name, 2, 2);
  return (environment) => {
    const value = input?.(environment);
    const by = delimiter?.(environment);
    if (isNullish(value) || isNullish(by)) return null;
    const separator = text(by, name, 40086);
    if (separator === '') throw new MongoError(40087, '$split requires a non-empty separator');
    return text(value, name, 40085).split(separator);
  };
};

/** What `$trim` takes for whitespace when no characters are given. */
const WHITESPACE = '\0\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

function trim(front: boolean, back: boolean): OperatorCompiler {
  return (operand, compile, name) => {
    const given = namedArguments(operand, name, ['input'], ['chars']);
    const input = compile(given.get('input') ?? null);
    const chars = given.has('chars') ? compile(given.get('chars') ?? null) : undefined;
    return (environment) => {
      const value = input(environment);
      const only = chars?.(environment);
      if (isNullish(value) || (chars !== undefined && isNullish(only))) return null;
      const cut = new Set(chars === undefined ? WHITESPACE : text(only, name, 50700));
      const points = [...text(value, name, 50699)];
      let from = 0;
      let to = points.length;
      while (front && from < to && cut.has(points[from] ?? '')) from += 1;
      while (back && to > from && cut.has(points[to - 1] ?? '')) to -= 1;
      return points.slice(from, to).join('');
    };
  };
}

const indexOf: OperatorCompiler = (operand, compile, name) => {
  const [input, wanted, start, stop] = argumentsOf(operand, compile, name, 2, 4);
  return (environment) => {
    const value = input?.(environment);
    if (isNullish(value)) return null;
    const points = [...text(value, name, 40093)];
    const search = [...text(wanted?.(environment), name, 40094)];
    const from = start === undefined ? 0 : toSafeInteger(start(environment));
    const to = stop === undefined ? points.length : toSafeInteger(stop(environment));
    if (from === undefined || to === undefined) throw new MongoError(40096, `${name} requires whole indexes`);
    if (from < 0 || to < 0) throw new MongoError(40097, `${name} requires nonnegative indexes`);
    for (let at = from; at + search.length <= Math.min(to, points.length); at++) {
      if (search.every((point, index) => points[at + index] === point)) return int32(at);
    }
    return int32(-1);
  };
};

const regexMatch: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['input', 'regex'], ['options']);
  const input = compile(given.get('input') ?? null);
  const pattern = compile(given.get('regex') ?? null);
  const options = given.has('options') ? compile(given.get('options') ?? null) : undefined;
  return (environment) => {
    const value = input(environment);
    const regex = pattern(environment);
    const flags = options?.(environment) ?? '';
    if (isNullish(value) || isNullish(regex)) return false;
    if (typeof flags !== 'string') throw new MongoError(51106, `${name} needs 'options' to be of type string`);
    if (typeof regex === 'string') return compileRegex(new Regex(regex, flags)).test(text(value, name, 51104));
    if (!(regex instanceof Regex)) throw new MongoError(51105, `${name} needs 'regex' to be of type string or regex`);
    if (flags !== '' && regex.flags !== '')
      throw new MongoError(51107, `${name}: found regex options specified in both 'regex' and 'options' fields`);
    return compileRegex(new Regex(regex.pattern, flags === '' ? regex.flags : flags)).test(text(value, name, 51104));
  };
};

function replace(everywhere: boolean): OperatorCompiler {
  return (operand, compile, name) => {
    const given = namedArguments(operand, name, ['input', 'find', 'replacement']);
    const [input, find, replacement] = ['input', 'find', 'replacement'].map((field) =>
      compile(given.get(field) ?? null),
    );
    return (environment) => {
      const parts = [input, find, replacement].map((part) => part?.(environment));
      const [whole, search, other] = parts.map((part) => (isNullish(part) ? undefined : text(part, name, 51746)));
      if (whole === undefined || search === undefined || other === undefined) return null;
      if (search === '') throw notSupported(`${name} of an empty text`);
      return everywhere ? whole.replaceAll(search, () => other) : whole.replace(search, () => other);
    };
  };
}

export const stringOperators: OperatorTable = [
  ['$concat', concat],
  ['$toLower', cased((letters) => letters.toLowerCase(), /[A-Z]+/g)],
  ['$toUpper', cased((letters) => letters.toUpperCase(), /[a-z]+/g)],
  ['$substrCP', substring],
  ['$strLenCP', unary((value, name) => int32([...text(value, name, 34471)].length))],
  ['$strLenBytes', unary((value, name) => int32(Buffer.byteLength(text(value, name, 34473))))],
  ['$split', split],
  ['$trim', trim(true, true)],
  ['$ltrim', trim(true, false)],
  ['$rtrim', trim(false, true)],
  ['$indexOfCP', indexOf],
  ['$regexMatch', regexMatch],
  ['$replaceOne', replace(false)],
  ['$replaceAll', replace(true)],
];
