/**
 * JSON Schemas of what the admin API answers, read from the return types of the code itself: nobody has to keep a second
 * description, and none can be wrong.
 */
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
// TypeScript 7 is no library; TypeScript 6 reads the same code.
import ts from 'typescript-6';

export type JsonSchema = { [key: string]: unknown };

export interface AnswerSchemas {
  /** By method and path, such as `get /routes/:id`; absent where the endpoint writes its answer by itself. */
  readonly answers: ReadonlyMap<string, JsonSchema>;
  /** Interfaces that the answers refer to, by name. */
  readonly named: Readonly<Record<string, JsonSchema>>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @throws Error for an answer whose type says nothing, which would be a hole in the reference. */
export function answerSchemas(): AnswerSchemas {
  const files = globSync('src/admin/*.ts', { cwd: ROOT }).map((file) => ROOT + file);
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT);
  const program = ts.createProgram(files, options);
  const reader = new TypeReader(program.getTypeChecker());
  const answers = new Map<string, JsonSchema>();
  const visit = (at: ts.Node): void => {
    if (ts.isCallExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === 'endpoint') {
      const [declared] = at.arguments;
      if (declared !== undefined && ts.isObjectLiteralExpression(declared)) {
        const schema = reader.answerOf(declared);
        if (schema !== null) answers.set(`${literalOf(declared, 'method')} ${literalOf(declared, 'path')}`, schema);
      }
    }
    ts.forEachChild(at, visit);
  };
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source !== undefined) visit(source);
  }
  return { answers, named: Object.fromEntries([...reader.named].sort(([one], [other]) => (one < other ? -1 : 1))) };
}

function propertyOf(declared: ts.ObjectLiteralExpression, name: string): ts.ObjectLiteralElementLike | undefined {
  return declared.properties.find(
    (one) => one.name !== undefined && ts.isIdentifier(one.name) && one.name.text === name,
  );
}

function literalOf(declared: ts.ObjectLiteralExpression, name: string): string {
  const held = propertyOf(declared, name);
  return held !== undefined && ts.isPropertyAssignment(held) && ts.isStringLiteral(held.initializer)
    ? held.initializer.text
    : '';
}

class TypeReader {
  readonly named = new Map<string, JsonSchema>();
  readonly #checker: ts.TypeChecker;

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  answerOf(declared: ts.ObjectLiteralExpression): JsonSchema | null {
    const work = propertyOf(declared, 'answer');
    if (work === undefined) return null;
    const [signature] = this.#checker.getTypeAtLocation(work).getCallSignatures();
    if (signature === undefined) return null;
    const returned = this.#checker.getReturnTypeOfSignature(signature);
    const answer = this.#checker.getAwaitedType(returned) ?? returned;
    if ((answer.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) !== 0) return null;
    return this.#schemaOf(answer);
  }

  /** An alias of ours that may hold itself is told once, by its name; so is an interface. */
  #schemaOf(type: ts.Type): JsonSchema {
    const alias = type.aliasSymbol;
    if (alias === undefined || type.aliasTypeArguments !== undefined || !isOurs(alias) || !type.isUnion())
      return this.#plainSchemaOf(type);
    return this.#byName(alias, () => this.#plainSchemaOf(type));
  }

  #plainSchemaOf(type: ts.Type): JsonSchema {
    const { flags } = type;
    if ((flags & ts.TypeFlags.Null) !== 0) return { type: 'null' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if ((flags & ts.TypeFlags.BooleanLiteral) !== 0) return { const: this.#checker.typeToString(type) === 'true' };
    if ((flags & ts.TypeFlags.StringLike) !== 0) return { type: 'string' };
    if ((flags & ts.TypeFlags.NumberLike) !== 0) return { type: 'number' };
    if ((flags & ts.TypeFlags.BooleanLike) !== 0) return { type: 'boolean' };
    if (type.isUnion()) return this.#unionOf(type);
    if (this.#checker.isArrayType(type)) return { type: 'array', items: this.#schemaOf(this.#argumentOf(type)) };
    if (this.#checker.isTupleType(type)) return { type: 'array' };
    if ((flags & ts.TypeFlags.Object) !== 0 || type.isIntersection()) return this.#objectOrName(type);
    return {};
  }

  #argumentOf(type: ts.Type): ts.Type {
    const element = this.#checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element === undefined) throw new Error('a list without the type of its items');
    return element;
  }

  /** `undefined` is no JSON: a property that may be it is not required. */
  #unionOf(type: ts.UnionType): JsonSchema {
    const parts = type.types
      .filter(({ flags }) => (flags & ts.TypeFlags.Undefined) === 0)
      .map((one) => this.#schemaOf(one));
    const values = parts.filter((part) => 'const' in part).map((part) => part.const);
    const rest = parts.filter((part) => !('const' in part));
    const both = values.length === 2 && values.every((value) => typeof value === 'boolean');
    const literals: JsonSchema[] = values.length === 0 ? [] : [both ? { type: 'boolean' } : { enum: values }];
    const all = [...literals, ...rest];
    const [only] = all;
    return all.length === 1 && only !== undefined ? only : { anyOf: all };
  }

  #objectOrName(type: ts.Type): JsonSchema {
    const symbol = type.getSymbol();
    const named = symbol !== undefined && isOurs(symbol) && symbol.declarations?.some(ts.isInterfaceDeclaration);
    return named === true ? this.#byName(symbol, () => this.#objectOf(type)) : this.#objectOf(type);
  }

  #byName(symbol: ts.Symbol, make: () => JsonSchema): JsonSchema {
    const { name } = symbol;
    if (!this.named.has(name)) {
      // Before its parts are looked at, one of which may be of the same type.
      this.named.set(name, {});
      this.named.set(name, { ...described(symbol.getDocumentationComment(this.#checker)), ...make() });
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  #objectOf(type: ts.Type): JsonSchema {
    const values = this.#checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    for (const property of this.#checker.getPropertiesOfType(type)) {
      const held = this.#checker.getTypeOfSymbol(property);
      if (held.getCallSignatures().length > 0) continue;
      properties[property.name] = {
        ...described(property.getDocumentationComment(this.#checker)),
        ...this.#schemaOf(held),
      };
      if ((property.flags & ts.SymbolFlags.Optional) === 0) required.push(property.name);
    }
    return {
      type: 'object',
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
      ...(values === undefined ? {} : { additionalProperties: this.#schemaOf(values) }),
    };
  }
}

const isOurs = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some((at) => !at.getSourceFile().fileName.includes('node_modules')) === true;

function described(parts: readonly ts.SymbolDisplayPart[]): JsonSchema {
  const text = ts.displayPartsToString([...parts]).replaceAll(/\s*\n\s*/g, ' ');
  return text === '' ? {} : { description: text };
}
