import type {
  BuiltinStatement,
  File,
  ImportDeclaration,
  OptionStatement,
  Statement,
  TestcaseStatement,
  VariableAssignment,
} from "@tocsin/language/syntax";

import { convertType } from "./convert.ts";
import { inferExpression, inferPackageMember, memberOf } from "./expression.ts";
import type { Inference } from "./inference.ts";
import { generalize } from "./scheme.ts";
import type { Type } from "./type.ts";
import { emptyRecord, unknown } from "./type.ts";

/** Reads a whole file. */
export function inferFile(cx: Inference, file: File): void {
  for (const node of file.imports) defineImport(cx, node);
  collectOptions(cx, file);
  inferStatements(cx, file.body);
}

/** What an import is called: its alias, or the last part of its path. */
export function importName(node: ImportDeclaration): string {
  if (node.alias) return node.alias.name;
  const path = node.path.value;
  return path.slice(path.lastIndexOf("/") + 1);
}

function defineImport(cx: Inference, node: ImportDeclaration): void {
  const path = node.path.value;
  const known = cx.library.signatures.package(path) !== undefined;
  if (!known) cx.report({ kind: "import", node });
  const name = importName(node);
  const span = (node.alias ?? node.path).span;
  if (!known) {
    cx.scope.define({ name, kind: "import", span, type: unknown, generic: false, uses: [] });
    return;
  }
  cx.scope.define({
    name,
    kind: "import",
    span,
    // Only a script that passes the package on as a value needs the types of all its members.
    get type(): Type {
      return cx.library.packageRecord(path);
    },
    generic: true,
    path,
    uses: [],
  });
}

/** Options are known by name before anything is read: a variable must not have one's name. */
function collectOptions(cx: Inference, file: File): void {
  const first = new Map<string, OptionStatement["target"]["span"]>();
  for (const statement of file.body) {
    if (statement.kind !== "OptionStatement") continue;
    const { target } = statement;
    const name =
      target.kind === "Identifier" ? target.name : `${target.object.name}.${target.property.name}`;
    if (name === "" || name.startsWith(".") || name.endsWith(".")) continue;
    const earlier = first.get(name);
    if (earlier) cx.report({ kind: "option twice", name, span: target.span, first: earlier });
    else first.set(name, target.span);
    if (target.kind === "Identifier" && !earlier) cx.options.set(name, target);
  }
}

function inferStatements(cx: Inference, body: readonly Statement[]): void {
  const isFile = cx.scope.parent === cx.given;
  for (const statement of body) inferStatement(cx, statement, isFile);
}

function inferStatement(cx: Inference, statement: Statement, isFile: boolean): void {
  switch (statement.kind) {
    case "VariableAssignment":
      return assign(cx, statement, isFile);
    case "ExpressionStatement":
      inferExpression(cx, statement.expression);
      return;
    case "OptionStatement":
      return inferOption(cx, statement, isFile);
    case "BuiltinStatement":
      return defineBuiltin(cx, statement);
    case "TestcaseStatement":
      return inferTestcase(cx, statement);
    case "ReturnStatement":
      inferExpression(cx, statement.argument);
      cx.report({ kind: "return outside", statement });
      return;
    case "BadStatement":
      return;
    default:
      return statement satisfies never;
  }
}

/** Gives a name to a value. From here on each use of the name has its own copy of the type. */
export function assign(cx: Inference, node: VariableAssignment, isFile = false): void {
  const type = cx.deeper(() => inferExpression(cx, node.value));
  const generic = generalize(type, cx.level);
  const { name, span } = node.name;
  cx.types.set(node.name, type);
  if (name === "") return;
  const option = isFile ? cx.options.get(name) : undefined;
  const first = cx.scope.own(name);
  if (option) cx.report({ kind: "option conflict", name: node.name, option: option.span });
  else if (first && (first.kind === "variable" || first.kind === "parameter")) {
    cx.report({ kind: "assigned twice", name: node.name, first });
  }
  cx.scope.define({ name, kind: "variable", span, type, generic, node, uses: [] });
}

function inferOption(cx: Inference, node: OptionStatement, isFile: boolean): void {
  const { target } = node;
  if (target.kind === "Identifier") {
    const { name, span } = target;
    if (isFile) cx.inOption = { name, scope: cx.scope };
    const type = cx.deeper(() => inferExpression(cx, node.value));
    cx.inOption = undefined;
    const generic = generalize(type, cx.level);
    cx.types.set(target, type);
    if (name === "") return;
    cx.scope.define({ name, kind: "option", span, type, generic, node, uses: [] });
    return;
  }
  const value = inferExpression(cx, node.value);
  const { object, property } = target;
  const member =
    inferPackageMember(cx, object, property) ??
    memberOf(cx, { node: target, object: cx.use(object, { member: property.name }), property });
  cx.types.set(target, member);
  cx.expect(member, value, { role: "option", node: node.value, whole: node });
}

function defineBuiltin(cx: Inference, node: BuiltinStatement): void {
  const { type, mistakes } = convertType(node.type);
  for (const mistake of mistakes) cx.report({ kind: "type mistake", mistake });
  const { name, span } = node.name;
  cx.types.set(node.name, type);
  if (name === "") return;
  cx.scope.define({ name, kind: "builtin", span, type, generic: true, node, uses: [] });
}

function inferTestcase(cx: Inference, node: TestcaseStatement): void {
  cx.within(undefined, () => {
    if (node.extends) defineSuper(cx);
    inferStatements(cx, node.body.body);
  });
}

/** In a testcase that extends another, `super()` stands for the statements of that one. */
function defineSuper(cx: Inference): void {
  const type: Type = { kind: "function", parameters: [], result: emptyRecord };
  cx.scope.define({ name: "super", kind: "given", type, generic: false, uses: [] });
}
