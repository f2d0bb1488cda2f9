import { join } from "node:path";
import ts from "typescript";
import { root } from "../../tools/setup/cache.mjs";
import { compilerHost, compilerOptions } from "./compiler.ts";

/** What a page must tell of one class or look-up. */
export interface Documented {
  /** `OvaDeployment` or `getVm`. */
  readonly name: string;
  readonly kind: "class" | "function";
  /** Names of the arguments, those inside of them too: `waitFor`, `timeoutSeconds`. */
  readonly args: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
}

/** One property of the arguments or the answers of the package's classes and look-ups, or inside of one. */
export interface PublicProperty {
  /** `ScratchVm.disks[].size` */
  readonly path: string;
  readonly name: string;
  /** What its docstring says. */
  readonly text: string;
  /** Whether it is a text, a number, true or false, or stands for a resource by itself. */
  readonly isScalar: boolean;
  readonly isNumber: boolean;
  /** What a program can write there: `text`, `number`, `boolean`, `list`, `object`, `function`, `null`, `anything`. */
  readonly forms: ReadonlySet<string>;
  readonly isArgument: boolean;
}

interface Api {
  readonly names: readonly string[];
  readonly documented: readonly Documented[];
  readonly properties: readonly PublicProperty[];
}

let known: Api | undefined;

/** Names of the values that the package exports. */
export const publicNames = (): readonly string[] => api().names;

/** The classes and look-ups that the package exports, but for those that only others are made from. */
export const documented = (): readonly Documented[] => api().documented;

/** The properties of all arguments and answers, each where it is declared. */
export const publicProperties = (): readonly PublicProperty[] => api().properties;

function api(): Api {
  known ??= readApi();
  return known;
}

function readApi(): Api {
  const index = join(root, "provider/index.ts");
  const options = compilerOptions();
  const program = ts.createProgram([index], options, compilerHost(options));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(index);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error("provider/index.ts exports nothing.");
  const values = checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter(({ flags }) => flags & ts.SymbolFlags.Value);
  return {
    names: values.map(({ name }) => name),
    documented: values.flatMap((symbol) => describe(checker, symbol) ?? []),
    properties: values.flatMap((symbol) => propertiesOf(checker, symbol)),
  };
}

function describe(checker: ts.TypeChecker, symbol: ts.Symbol): Documented | undefined {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined) return undefined;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const { name } = symbol;
  if (ts.isClassDeclaration(declaration)) {
    if (declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword)) return undefined;
    const [construct] = type.getConstructSignatures();
    const args = construct?.getParameters()[1];
    // An error has no arguments to write.
    if (construct === undefined || args?.name !== "args") return undefined;
    return {
      name,
      kind: "class",
      args: namesIn(checker, checker.getTypeOfSymbol(args)),
      outputs: propertyNames(checker, construct.getReturnType()),
    };
  }
  const [call] = type.getCallSignatures();
  const args = call?.getParameters()[0];
  // What asks a host takes arguments by name; what only makes a text of records does not.
  if (call === undefined || args?.name !== "args") return undefined;
  return {
    name,
    kind: "function",
    args: namesIn(checker, checker.getTypeOfSymbol(args)),
    outputs: namesIn(checker, call.getReturnType()),
  };
}

/** Names of a type's properties, and of those inside of inputs, outputs, lists and unions in it; a resource has none. */
function namesIn(checker: ts.TypeChecker, type: ts.Type, seen = new Set<ts.Type>()): Set<string> {
  const names = new Set<string>();
  // A resource can be an argument, whose properties are not this one's arguments.
  if (seen.has(type) || type.isClass()) return names;
  seen.add(type);
  const inner = (part: ts.Type) => {
    for (const name of namesIn(checker, part, seen)) names.add(name);
  };
  if (type.isUnionOrIntersection()) {
    type.types.forEach(inner);
    return names;
  }
  // What an output, a promise, a list or a map is about.
  for (const part of typeArguments(checker, type)) inner(part);
  for (const part of checker.getIndexInfosOfType(type)) inner(part.type);
  for (const name of propertyNames(checker, type, seen)) names.add(name);
  return names;
}

function propertyNames(checker: ts.TypeChecker, type: ts.Type, seen = new Set<ts.Type>()): Set<string> {
  return new Set(
    ownProperties(type).flatMap((property) => [
      property.name,
      ...namesIn(checker, checker.getTypeOfSymbol(property), seen),
    ]),
  );
}

function typeArguments(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  const isReference =
    type.flags & ts.TypeFlags.Object && (type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference;
  return isReference ? checker.getTypeArguments(type as ts.TypeReference) : [];
}

/** Properties that this package declares, not Pulumi or JavaScript. */
function ownProperties(type: ts.Type): ts.Symbol[] {
  return type.getProperties().filter(({ declarations }) =>
    declarations?.some((declaration) => {
      const isHidden =
        (ts.isPropertyDeclaration(declaration) && ts.isPrivateIdentifier(declaration.name)) ||
        ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
      return !isHidden && !ts.isMethodDeclaration(declaration) && isOurs(declaration.getSourceFile());
    }),
  );
}

const isOurs = ({ fileName }: ts.SourceFile): boolean => fileName.startsWith(join(root, "provider"));

function propertiesOf(checker: ts.TypeChecker, symbol: ts.Symbol): PublicProperty[] {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined) return [];
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const signature = type.getConstructSignatures()[0] ?? type.getCallSignatures()[0];
  if (signature === undefined) return [];
  const args = signature.getParameters().find(({ name }) => name === "args");
  const found: PublicProperty[] = [];
  const visit = (part: ts.Type, path: string, isArgument: boolean, seen: ReadonlySet<ts.Type>): void => {
    for (const form of formsOf(checker, part)) {
      if (seen.has(form) || form.isClass()) continue;
      const element = checker.isArrayType(form)
        ? checker.getTypeArguments(form as ts.TypeReference)[0]
        : undefined;
      if (element !== undefined) visit(element, `${path}[]`, isArgument, seen);
      for (const property of element === undefined ? ownProperties(form) : []) {
        const inner = checker.getTypeOfSymbol(property);
        const forms = formsOf(checker, inner);
        const where = `${path}.${property.name}`;
        found.push({
          path: where,
          name: property.name,
          text: ts.displayPartsToString(property.getDocumentationComment(checker)),
          isScalar: forms.every((each) => isScalar(each)),
          isNumber: forms.some(({ flags }) => flags & ts.TypeFlags.NumberLike),
          forms: new Set(forms.map((each) => formOf(checker, each))),
          isArgument,
        });
        visit(inner, where, isArgument, new Set([...seen, form]));
      }
    }
  };
  if (args !== undefined) visit(checker.getTypeOfSymbol(args), symbol.name, true, new Set());
  const answer = signature.getReturnType();
  for (const form of answer.isClass() ? [] : formsOf(checker, answer))
    visit(form, symbol.name, false, new Set());
  return found;
}

/** What a program can write or read there: without what is only about its being known later. */
function formsOf(checker: ts.TypeChecker, type: ts.Type): ts.Type[] {
  if (type.isUnion()) return type.types.flatMap((part) => formsOf(checker, part));
  const { name } = type.symbol ?? {};
  if (name === "Promise") return [];
  if (name === "OutputInstance")
    return checker.getTypeArguments(type as ts.TypeReference).flatMap((part) => formsOf(checker, part));
  return type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void) ? [] : [type];
}

function formOf(checker: ts.TypeChecker, type: ts.Type): string {
  if (type.flags & ts.TypeFlags.StringLike) return "text";
  if (type.flags & ts.TypeFlags.NumberLike) return "number";
  if (type.flags & ts.TypeFlags.BooleanLike) return "boolean";
  if (type.flags & ts.TypeFlags.Null) return "null";
  if (checker.isArrayType(type)) return "list";
  if (type.getCallSignatures().length > 0) return "function";
  return type.flags & ts.TypeFlags.Object ? "object" : "anything";
}

const SCALAR =
  ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.Unknown;

const isScalar = (type: ts.Type): boolean => Boolean(type.flags & SCALAR) || type.isClass();
