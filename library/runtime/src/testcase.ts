import type { SourceFile } from "@tocsin/data/value";
import {
  type Expression,
  type File,
  type ImportDeclaration,
  keyName,
  type Statement,
  type TestcaseStatement,
  withoutParens,
} from "@tocsin/language/syntax";

/** A testcase as a script of its own. */
export interface Testcase {
  readonly name: string;
  /** Test package and name: `universe.filter_basic`. */
  readonly qualified: string;
  readonly tags: readonly string[];
  readonly tree: File;
  readonly file: SourceFile;
  /** The parent that `extends` names, which the loader must bring: `module/dir/file_test.name`. */
  readonly extends: string | undefined;
}

/**
 * The testcases of a file. Each becomes a script: the file's imports, its statements outside of
 * testcases, and the statements of the testcase, all on one level, as upstream flattens them.
 */
export function testcasesOf(tree: File, text: string): Testcase[] {
  const preamble = tree.body.filter((statement) => statement.kind !== "TestcaseStatement");
  const owner = (tree.package?.name.name ?? "main").replace(/_test$/u, "");
  return tree.body.filter(isTestcase).map((testcase) => {
    const body = [...preamble, ...testcase.body.body];
    return {
      name: testcase.name.name,
      qualified: `${owner}.${testcase.name.name}`,
      tags: tagsOf(body),
      tree: { ...tree, body },
      file: { name: tree.name, text },
      extends: testcase.extends?.value,
    };
  });
}

function isTestcase(statement: Statement): statement is TestcaseStatement {
  return statement.kind === "TestcaseStatement";
}

/** A testcase that extends another: its `super()` becomes the statements of the parent. */
export function extended(
  child: Testcase,
  parentTree: File,
  parentName: string,
): Testcase | undefined {
  const parent = parentTree.body.filter(isTestcase).find(({ name }) => name.name === parentName);
  if (parent === undefined) return undefined;
  const preamble = parentTree.body.filter((statement) => !isTestcase(statement));
  const isSuper = (statement: Statement): boolean =>
    statement.kind === "ExpressionStatement" && callsSuper(statement.expression);
  const body = child.tree.body.flatMap((statement) =>
    isSuper(statement) ? [...preamble, ...parent.body.body] : [statement],
  );
  const imports = mergedImports(child.tree.imports, parentTree.imports);
  return { ...child, tree: { ...child.tree, imports, body }, tags: tagsOf(body) };
}

function callsSuper(expression: Expression): boolean {
  return (
    expression.kind === "CallExpression" &&
    expression.callee.kind === "Identifier" &&
    expression.callee.name === "super"
  );
}

function mergedImports(
  own: readonly ImportDeclaration[],
  parent: readonly ImportDeclaration[],
): ImportDeclaration[] {
  const paths = new Set(own.map(({ path }) => path.value));
  return [...own, ...parent.filter(({ path }) => !paths.has(path.value))];
}

/** The strings of the first `option testing.tags = […]`. */
function tagsOf(body: readonly Statement[]): string[] {
  for (const statement of body) {
    if (statement.kind !== "OptionStatement" || statement.target.kind !== "OptionTarget") continue;
    if (statement.target.object.name !== "testing" || keyName(statement.target.property) !== "tags")
      continue;
    const value = withoutParens(statement.value);
    if (value.kind !== "ArrayExpression") continue;
    return value.elements.flatMap((element) =>
      element.kind === "StringLiteral" ? [element.value] : [],
    );
  }
  return [];
}
